//! A film that is being watched.

use std::io::{Read, Seek};

use girih::inspect::Inspector;
use girih::stream::unit::Orders;
use girih::{Decoder, Picture, SequenceInfo};

use crate::film::{Film, Unit};
use crate::native::LIMITS;
use crate::{json, rgba};

/// What a step brought.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Nothing to show yet.
    More,
    /// A picture: [`Session::picture`].
    Shown,
    End,
    /// Something is damaged; the next step goes on behind it.
    Trouble(String),
}

pub struct Session<R: Read> {
    film: Film<R>,
    decoder: Decoder,
    inspector: Option<Inspector>,
    orders: Orders,
    /// Times of pictures by the numbers that they are decoded under.
    times: Vec<f64>,
    /// Reports of frames that are not shown yet, by the same numbers.
    reports: Vec<(i64, String)>,
    /// A picture whose time is not known yet.
    next: Option<Picture>,
    ended: bool,
    /// Earlier pictures are only decoded.
    from: f64,
    /// The last of these.
    passed: Option<Shown>,
    shown: Option<Shown>,
    pixels: Vec<u8>,
}

/// A picture at its time.
pub struct Shown {
    pub picture: Picture,
    pub time: f64,
    /// JSON, if frames are inspected.
    pub report: Option<String>,
}

impl<R: Read + Seek> Session<R> {
    /// # Errors
    /// A line for the user.
    pub fn open(source: R) -> Result<Self, String> {
        let film = Film::open(source)?;
        let mut decoder = Decoder::new(film.header(), LIMITS).map_err(|e| e.to_string())?;
        decoder.set_verify(true);
        Ok(Session {
            film,
            decoder,
            inspector: None,
            orders: Orders::default(),
            times: Vec::new(),
            reports: Vec::new(),
            next: None,
            ended: false,
            from: f64::MIN,
            passed: None,
            shown: None,
            pixels: Vec::new(),
        })
    }

    fn info(&self) -> &SequenceInfo {
        self.decoder.info()
    }

    /// What kind of film it is, as JSON.
    pub fn description(&self) -> String {
        json::of_film(self.film.name(), self.info(), self.film.span(self.info()))
    }

    /// The picture of the last step that brought one.
    pub fn shown(&self) -> Option<&Shown> {
        self.shown.as_ref()
    }

    /// Its pixels: R, G, B, 255.
    pub fn pixels(&mut self) -> &[u8] {
        if let Some(shown) = &self.shown {
            rgba::convert(&shown.picture, self.decoder.info().color, &mut self.pixels);
        }
        &self.pixels
    }

    /// Goes to the picture that is shown at a time; from there on frames are inspected or not.
    ///
    /// # Errors
    /// A line for the user.
    pub fn seek(&mut self, time: f64, inspect: bool) -> Result<(), String> {
        // The picture shown at a time may start up to one frame earlier.
        let frame = f64::from(self.info().frame_rate.den) / f64::from(self.info().frame_rate.num);
        self.from = time - 0.999 * frame.min(1.0);
        self.film.seek(time)?;
        self.decoder.reset();
        self.inspector = None;
        if inspect {
            let inspector = Inspector::new(self.film.header(), LIMITS, None);
            self.inspector = Some(inspector.map_err(|e| e.to_string())?);
        }
        self.orders = Orders::default();
        self.times.clear();
        self.reports.clear();
        (self.ended, self.next, self.passed) = (false, None, None);
        Ok(())
    }

    /// Decodes what the next unit of the file has, or shows what has been decoded.
    pub fn step(&mut self) -> Step {
        if let Some(shown) = self.next_shown() {
            if shown.time < self.from {
                self.passed = Some(shown);
                return Step::More;
            }
            return self.show(shown);
        }
        if self.ended {
            // Beyond the last picture that one is shown.
            return self.passed.take().map_or(Step::End, |shown| self.show(shown));
        }
        match self.film.next() {
            Ok(Some(unit)) => self.decode(unit).map_or_else(Step::Trouble, |()| Step::More),
            Ok(None) => {
                self.decoder.finish();
                self.ended = true;
                Step::More
            }
            Err(e) => Step::Trouble(e),
        }
    }

    /// Decodes a unit; damaged packets are left out.
    fn decode(&mut self, unit: Unit) -> Result<(), String> {
        let mut result = Ok(());
        let native = matches!(self.film, Film::Native(_));
        if !native {
            self.times.push(unit.time);
        }
        for packet in &unit.packets {
            let number = if native {
                self.times.push(unit.time);
                self.times.len() as i64 - 1
            } else {
                match self.orders.next(packet) {
                    Ok((_, number)) => number as i64,
                    Err(e) => {
                        result = Err(e.to_string());
                        continue;
                    }
                }
            };
            if let Some(Ok(report)) = self.inspector.as_mut().map(|i| i.frame(packet)) {
                self.reports.push((number, json::of_frame(&report)));
            }
            if let Err(e) = self.decoder.push(packet, number) {
                result = Err(e.to_string());
            }
        }
        result
    }

    /// The next decoded picture, as soon as its time is known. What was decoded early and whose unit never came is not
    /// shown.
    fn next_shown(&mut self) -> Option<Shown> {
        loop {
            let picture = self.next.take().or_else(|| self.decoder.next_picture())?;
            if let Some(&time) = usize::try_from(picture.pts).ok().and_then(|n| self.times.get(n)) {
                let report = self.reports.iter().position(|r| r.0 == picture.pts);
                let report = report.map(|i| self.reports.swap_remove(i).1);
                return Some(Shown { picture, time, report });
            }
            if !self.ended {
                self.next = Some(picture);
                return None;
            }
        }
    }

    fn show(&mut self, shown: Shown) -> Step {
        self.from = f64::MIN;
        self.passed = None;
        self.shown = Some(shown);
        Step::Shown
    }
}
