//! VMAF, measured by an ffmpeg that has libvmaf.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};
use girih::Picture;

use crate::media::{Description, Sink, Y4mWriter};

/// Names the ffmpeg to use, instead of that in the search path.
const VARIABLE: &str = "GIRIH_FFMPEG";
/// What ffmpeg does with pictures that come in pairs, the decoded one first.
const PAIRS: &str =
    "[0:v]split[a][b];[a]select=not(mod(n\\,2)),setpts=N[d];[b]select=mod(n\\,2),setpts=N[r];[d][r]";

/// An ffmpeg with libvmaf.
#[derive(Clone, Debug)]
pub struct Vmaf {
    program: OsString,
}

impl Vmaf {
    /// The one that `GIRIH_FFMPEG` names, or else that in the search path, if it has libvmaf.
    ///
    /// # Errors
    /// When the one that is named has not.
    pub fn find() -> Result<Option<Self>> {
        if let Some(program) = env::var_os(VARIABLE).filter(|v| !v.is_empty()) {
            if !has_filter(&program) {
                bail!("{VARIABLE} names {}, which is no ffmpeg with libvmaf", program.display());
            }
            return Ok(Some(Vmaf { program }));
        }
        let program = OsString::from("ffmpeg");
        Ok(has_filter(&program).then_some(Vmaf { program }))
    }

    /// Begins a measurement.
    pub fn record(&self, description: &Description, threads: usize) -> Result<Recording> {
        let file = tempfile::tempfile()?;
        let pairs = Box::new(Y4mWriter::new(file.try_clone()?, None, description)?);
        Ok(Recording { vmaf: self.clone(), pairs, file, threads })
    }
}

fn has_filter(program: &OsStr) -> bool {
    let listed = Command::new(program).args(["-hide_banner", "-filters"]).stdin(Stdio::null()).output();
    let found = |text: &[u8]| {
        String::from_utf8_lossy(text).lines().any(|l| l.split_whitespace().nth(1) == Some("libvmaf"))
    };
    listed.is_ok_and(|out| out.status.success() && found(&out.stdout))
}

/// Pictures for a measurement. They wait in a file, so that ffmpeg does not run while decoding is timed.
pub struct Recording {
    vmaf: Vmaf,
    pairs: Box<Y4mWriter<File>>,
    file: File,
    threads: usize,
}

impl Recording {
    pub fn add(&mut self, original: &Picture, decoded: &Picture) -> Result<()> {
        self.pairs.write(decoded)?;
        self.pairs.write(original)
    }

    /// The mean over all pictures.
    pub fn score(self) -> Result<f64> {
        self.pairs.finish()?;
        let mut file = self.file;
        file.seek(SeekFrom::Start(0))?;
        let threads = match self.threads {
            0 => thread::available_parallelism().map_or(1, |n| n.get()),
            n => n,
        };
        let out = Command::new(&self.vmaf.program)
            .args(["-hide_banner", "-nostats", "-f", "yuv4mpegpipe", "-i", "pipe:0", "-lavfi"])
            .arg(format!("{PAIRS}libvmaf=n_threads={threads}"))
            .args(["-f", "null", "-"])
            .stdin(file)
            .output()
            .with_context(|| self.vmaf.program.display().to_string())?;
        let log = String::from_utf8_lossy(&out.stderr);
        score_in(&log).with_context(|| {
            let last = log.lines().last().unwrap_or("it says nothing");
            format!("{} gives no VMAF: {last}", self.vmaf.program.display())
        })
    }
}

/// The score in ffmpeg's log.
fn score_in(log: &str) -> Option<f64> {
    let (_, score) = log.rsplit_once("VMAF score: ")?;
    score.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::score_in;

    #[test]
    fn scores() {
        let log = "frame=  60\n[Parsed_libvmaf_5 @ 0x55d0c0] VMAF score: 93.663925\n[out#0/null] video:1kB\n";
        assert_eq!(score_in(log), Some(93.663925));
        assert_eq!(score_in("no such filter"), None);
        assert_eq!(score_in("VMAF score: "), None);
    }
}
