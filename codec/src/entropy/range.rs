//! The range coder proper: 32-bit range, byte renormalisation, carries resolved when written.

use super::{Model, SymbolCoder};

const TOP: u32 = 1 << 24;
/// Bytes that a decoder may read past the end of sound data.
const OVERRUN: usize = 64;

/// Writes symbols into bytes.
#[derive(Default)]
pub struct RangeEncoder {
    low: u64,
    range: u32,
    /// Last byte not yet written, because a carry may still reach it.
    cache: u8,
    /// Bytes 0xff that follow `cache`; `None` before the first byte.
    pending: Option<usize>,
    out: Vec<u8>,
}

impl RangeEncoder {
    pub fn new() -> Self {
        RangeEncoder { range: u32::MAX, ..Default::default() }
    }

    /// Narrows the range to `[low, high)` of 2^`bits` parts.
    #[inline]
    fn narrow(&mut self, low: u32, high: u32, bits: u32) {
        let part = self.range >> bits;
        self.low += u64::from(part) * u64::from(low);
        self.range = if high == 1 << bits { self.range - part * low } else { part * (high - low) };
        while self.range < TOP {
            self.range <<= 8;
            self.shift();
        }
    }

    fn shift(&mut self) {
        let byte = (self.low >> 24) as u8;
        let carry = (self.low >> 32) as u8;
        if byte != 0xff || carry != 0 {
            if let Some(n) = self.pending {
                self.out.push(self.cache.wrapping_add(carry));
                self.out.extend(std::iter::repeat_n(0xffu8.wrapping_add(carry), n));
            }
            self.cache = byte;
            self.pending = Some(0);
        } else if let Some(n) = &mut self.pending {
            *n += 1;
        } else {
            // The first byte is 0xff: a carry out of it cannot happen, low stays below 2^32.
            self.cache = byte;
            self.pending = Some(0);
        }
        self.low = (self.low & 0x00ff_ffff) << 8;
    }

    /// Ends the stream with as few bytes as identify it; the decoder reads zeros past the end.
    pub fn finish(mut self) -> Vec<u8> {
        let last = self.low + u64::from(self.range) - 1;
        let free = (0..=32).rev().find(|&b| (last >> b << b) >= self.low).unwrap_or(0);
        self.low = last >> free << free;
        for _ in 0..5 {
            self.shift();
        }
        // The decoder takes more than OVERRUN missing bytes for damage; it reads four ahead.
        let kept = self.out.iter().rposition(|&b| b != 0).map_or(0, |i| i + 1);
        self.out.truncate(kept.max(self.out.len().saturating_sub(OVERRUN - 8)));
        self.out
    }
}

impl SymbolCoder for RangeEncoder {
    #[inline]
    fn symbol(&mut self, model: &mut Model, value: usize) -> usize {
        self.narrow(model.below(value), model.upto(value), 15);
        model.adapt(value);
        value
    }

    #[inline]
    fn raw(&mut self, bits: u32, value: u32) -> u32 {
        if bits > 0 {
            self.narrow(value, value + 1, bits);
        }
        value
    }
}

/// Reads symbols from bytes; any bytes decode to something, zeros follow the end.
pub struct RangeDecoder<'a> {
    code: u32,
    range: u32,
    bytes: &'a [u8],
    /// Bytes taken beyond the end of the data.
    overrun: usize,
}

impl<'a> RangeDecoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut d = RangeDecoder { code: 0, range: u32::MAX, bytes, overrun: 0 };
        for _ in 0..4 {
            d.code = d.code << 8 | u32::from(d.next());
        }
        d
    }

    #[inline]
    fn next(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((&b, rest)) => {
                self.bytes = rest;
                b
            }
            None => {
                self.overrun += 1;
                0
            }
        }
    }

    /// More was read than was written: the stream is damaged. (A sound stream may lack
    /// some trailing zeros, and is read four bytes ahead.)
    pub fn exhausted(&self) -> bool {
        self.overrun > OVERRUN
    }

    #[inline]
    fn narrow(&mut self, part: u32, low: u32, high: u32, bits: u32) {
        self.code -= part * low;
        self.range = if high == 1 << bits { self.range - part * low } else { part * (high - low) };
        self.renormalise();
    }

    #[inline]
    fn renormalise(&mut self) {
        while self.range < TOP {
            self.range <<= 8;
            self.code = self.code << 8 | u32::from(self.next());
        }
    }
}

impl SymbolCoder for RangeDecoder<'_> {
    const DECODES: bool = true;

    #[inline]
    fn symbol(&mut self, model: &mut Model, _value: usize) -> usize {
        if model.len() == 2 {
            return usize::from(self.flag(model, false));
        }
        let part = self.range >> 15;
        let target = (self.code / part).min((1 << 15) - 1);
        let v = model.find(target);
        self.narrow(part, model.below(v), model.upto(v), 15);
        model.adapt(v);
        v
    }

    #[inline]
    fn raw(&mut self, bits: u32, _value: u32) -> u32 {
        if bits == 0 {
            return 0;
        }
        let part = self.range >> bits;
        let v = (self.code / part).min((1 << bits) - 1);
        self.narrow(part, v, v + 1, bits);
        v
    }

    /// As a symbol, but without the division and with one sum to adapt.
    #[inline]
    fn flag(&mut self, model: &mut Model, _value: bool) -> bool {
        debug_assert_eq!(model.len(), 2);
        let split = (self.range >> 15) * model.upto(0);
        let v = self.code >= split;
        if v {
            self.code -= split;
            self.range -= split;
        } else {
            self.range = split;
        }
        self.renormalise();
        model.adapt_flag(v);
        v
    }
}
