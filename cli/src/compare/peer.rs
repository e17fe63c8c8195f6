//! The codecs that Girih is compared with.

use std::str::FromStr;

use anyhow::{Result, bail};

use crate::media::ffmpeg::{EncoderSettings, has_encoder};

/// Another codec and its preset: `h264:slow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    name: String,
    codec: Codec,
    preset: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    H264,
    H265,
    Av1,
}

/// Presets of x264 and x265.
const PRESETS: [&str; 10] = [
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
];

impl FromStr for Peer {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let (codec, preset) = s.split_once(':').map_or((s, None), |(c, p)| (c, Some(p)));
        let codec = match codec {
            "h264" => Codec::H264,
            "h265" => Codec::H265,
            "av1" => Codec::Av1,
            _ => return Err("expected h264, h265 or av1, perhaps with :PRESET".into()),
        };
        let known = |p: &str| match codec {
            Codec::H264 | Codec::H265 => PRESETS.contains(&p),
            Codec::Av1 => p.parse().is_ok_and(|n: u8| n <= 13),
        };
        if preset.is_some_and(|p| !known(p)) {
            return Err(match codec {
                Codec::Av1 => "presets of av1 are 0 to 13".into(),
                _ => format!("presets of h264 and h265 are {}", PRESETS.join(", ")),
            });
        }
        Ok(Peer { name: s.into(), codec, preset: preset.map(String::from) })
    }
}

impl Peer {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn is_h264(name: &str) -> bool {
        name.split(':').next() == Some("h264")
    }

    /// The qualities it is run at.
    pub fn qualities(&self) -> &'static [u32] {
        match self.codec {
            Codec::H264 | Codec::H265 => &[17, 22, 27, 32, 37, 42],
            Codec::Av1 => &[18, 26, 34, 42, 50, 58],
        }
    }

    /// The largest number for a quality.
    pub fn worst(&self) -> u32 {
        if self.codec == Codec::Av1 { 63 } else { 51 }
    }

    /// The encoder's settings at one quality; tuned for PSNR, since that is what is compared.
    pub fn settings(&self, quality: u32, threads: usize) -> Result<EncoderSettings<'_>> {
        let preset = |default: &str| self.preset.clone().unwrap_or_else(|| default.into());
        let crf = ("crf", quality.to_string());
        let (name, options) = match self.codec {
            Codec::H264 => ("libx264", vec![crf, ("preset", preset("slow")), ("tune", "psnr".into())]),
            Codec::H265 => {
                // x265 writes its log to standard error by itself.
                let mut parameters = "log-level=none".to_string();
                if threads > 0 {
                    parameters += &format!(":pools={threads}:frame-threads=1");
                }
                let tune = ("tune", "psnr".into());
                ("libx265", vec![crf, ("preset", preset("slow")), tune, ("x265-params", parameters)])
            }
            Codec::Av1 => {
                let parameters = ("svtav1-params", "tune=1".into());
                ("libsvtav1", vec![crf, ("preset", preset("4")), parameters])
            }
        };
        if !has_encoder(name) {
            bail!("encoder {name} is not in the FFmpeg that girih is linked with");
        }
        // Parameter sets beside the packets, as in a container: the size is that of the packets alone.
        Ok(EncoderSettings { name, options, threads, exact: true, global_header: true })
    }

    /// Bytes of a packet as a container would store it.
    pub fn stored(&self, packet: &[u8]) -> u64 {
        // AV1's temporal delimiter does not go into files.
        let delimiter = self.codec == Codec::Av1 && packet.starts_with(&[0x12, 0]);
        packet.len() as u64 - if delimiter { 2 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(
            ["h264", "h264:slow", "h265:medium", "av1", "av1:6"].iter().all(|s| s.parse::<Peer>().is_ok())
        );
        assert!(["", "vp8", "h264:", "h264:a b", ":slow"].iter().all(|s| s.parse::<Peer>().is_err()));
        assert!(Peer::is_h264("h264:slow") && !Peer::is_h264("h265"));
    }

    #[test]
    fn stored_sizes() -> Result<(), String> {
        assert_eq!("av1".parse::<Peer>()?.stored(&[0x12, 0, 1, 2]), 2);
        assert_eq!("h264".parse::<Peer>()?.stored(&[0x12, 0, 1, 2]), 4);
        Ok(())
    }
}
