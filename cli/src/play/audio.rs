//! Sound: decoded on a thread of its own, played by the system, heard by the clock.

mod decode;
mod ring;

use std::path::Path;
use std::thread;

use anyhow::{Context, Result, bail};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, FromSample, OutputCallbackInfo, SampleFormat, SizedSample, Stream, StreamConfig,
    SupportedBufferSize, SupportedStreamConfig,
};

use decode::Track;
use ring::Ring;
pub use ring::Voice;

/// Sound that is being played, as long as this lives.
pub struct Sound {
    _stream: Stream,
    pub voice: Voice,
}

impl Drop for Sound {
    fn drop(&mut self) {
        self.voice.quit();
    }
}

/// Opens the sound of a film, if it has any.
///
/// # Errors
/// What is missing to hear it.
pub fn open(path: &Path) -> Result<Option<Sound>> {
    let Some(track) = Track::open(path)? else { return Ok(None) };
    // The system's library writes to the terminal what its functions return anyway.
    #[cfg(target_os = "linux")]
    let _silence = alsa::Output::local_error_handler();
    let device = cpal::default_host().default_output_device().context("no sound device")?;
    let supported = device.default_output_config().ok().context("no sound device")?;
    let usual = supported.config();
    let voice = Voice::new(usual.sample_rate, usual.channels.into());
    let open = |buffer_size| {
        let config = StreamConfig { buffer_size, ..usual };
        match supported.sample_format() {
            SampleFormat::F32 => build::<f32>(&device, config, &voice),
            SampleFormat::I16 => build::<i16>(&device, config, &voice),
            SampleFormat::U16 => build::<u16>(&device, config, &voice),
            SampleFormat::I32 => build::<i32>(&device, config, &voice),
            SampleFormat::U8 => build::<u8>(&device, config, &voice),
            other => bail!("the sound device wants samples of another kind: {other}"),
        }
    };
    let stream = open(buffer(&supported)).or_else(|_| open(BufferSize::Default))?;
    stream.play().ok().context("the sound device does not start")?;
    let speaker = voice.clone();
    thread::Builder::new().name("sound".into()).spawn(move || track.run(&speaker))?;
    Ok(Some(Sound { _stream: stream, voice }))
}

/// About a 20th of a second at once, so that the clock hears of it often.
fn buffer(supported: &SupportedStreamConfig) -> BufferSize {
    match *supported.buffer_size() {
        SupportedBufferSize::Range { min, max } if min <= max => {
            BufferSize::Fixed((supported.sample_rate() / 20).clamp(min, max))
        }
        _ => BufferSize::Default,
    }
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    voice: &Voice,
) -> Result<Stream> {
    let (speaker, failed) = (voice.clone(), voice.clone());
    let mut samples = Vec::new();
    let give = move |out: &mut [T], info: &OutputCallbackInfo| {
        let t = info.timestamp();
        let latency = t.playback.duration_since(t.callback);
        samples.clear();
        samples.resize(out.len(), 0.0);
        speaker.with(|ring: &mut Ring| ring.give(&mut samples, latency));
        out.iter_mut().zip(&samples).for_each(|(o, &s)| *o = T::from_sample(s));
    };
    // A device that has gone leaves a film without sound.
    let error = move |e: cpal::Error| {
        if matches!(e.kind(), cpal::ErrorKind::DeviceNotAvailable | cpal::ErrorKind::StreamInvalidated) {
            failed.with(|r: &mut Ring| r.fail());
        }
    };
    device.build_output_stream(config, give, error, None).ok().context("the sound device cannot be opened")
}
