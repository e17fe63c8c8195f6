//! The range coder proper: 32-bit range, byte renormalisation, carries resolved when written.

use super::vector::{Method, Plain};
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
pub struct RangeDecoder<'a, M = Plain> {
    method: M,
    code: u32,
    range: u32,
    /// The bytes that follow, the next one uppermost; and how many bits of them there are, 24 at least.
    window: u64,
    bits: u32,
    bytes: &'a [u8],
    /// The last bytes, where they are fewer than four; zeros once they were taken.
    last: u32,
    /// Bytes that went into the window, zeros beyond the end of the data among them.
    loaded: usize,
}

impl<'a> RangeDecoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::with(Plain, bytes)
    }
}

impl<'a, M: Method> RangeDecoder<'a, M> {
    pub fn with(method: M, bytes: &'a [u8]) -> Self {
        let mut last = [0; 4];
        let rest = bytes.chunks_exact(4).remainder();
        last[..rest.len()].copy_from_slice(rest);
        let last = u32::from_be_bytes(last);
        let mut d =
            RangeDecoder { method, code: 0, range: u32::MAX, window: 0, bits: 0, bytes, last, loaded: 0 };
        d.refill();
        d.code = (d.window >> 32) as u32;
        (d.window, d.bits) = (0, 0);
        d.refill();
        d
    }

    /// Puts four bytes into the window.
    #[inline(always)]
    fn refill(&mut self) {
        let next = match self.bytes.get(self.loaded..self.loaded + 4) {
            Some(&[a, b, c, d]) => u32::from_be_bytes([a, b, c, d]),
            _ => std::mem::take(&mut self.last),
        };
        self.window |= u64::from(next) << (32 - self.bits);
        self.bits += 32;
        self.loaded += 4;
    }

    /// More was read than was written: the stream is damaged. (A sound stream may lack
    /// some trailing zeros, and is read four bytes ahead.)
    pub fn exhausted(&self) -> bool {
        self.loaded - self.bits as usize / 8 > self.bytes.len() + OVERRUN
    }

    #[inline(always)]
    fn narrow(&mut self, part: u32, low: u32, high: u32, bits: u32) {
        self.code -= part * low;
        self.range = if high == 1 << bits { self.range - part * low } else { part * (high - low) };
        self.renormalise();
    }

    /// Takes as many bytes as the range lacks, mostly none. Without branches but one that is easy to foresee.
    #[inline(always)]
    fn renormalise(&mut self) {
        debug_assert!(self.range > 0);
        let lacking = self.range.leading_zeros() & 24;
        self.range <<= lacking;
        // Two shifts, as one by 64 bits is not defined.
        self.code = self.code << lacking | (self.window >> 40 >> (24 - lacking)) as u32;
        self.window <<= lacking;
        self.bits -= lacking;
        if self.bits < 24 {
            self.refill();
        }
    }
}

impl<M: Method> SymbolCoder for RangeDecoder<'_, M> {
    const DECODES: bool = true;

    #[inline]
    fn symbol(&mut self, model: &mut Model, _value: usize) -> usize {
        if model.len() == 2 {
            return usize::from(self.flag(model, false));
        }
        let method = self.method;
        method.run(
            #[inline(always)]
            || {
                let part = self.range >> 15;
                let v = method.find(model, part, self.code);
                self.narrow(part, model.below(v), model.upto(v), 15);
                method.adapt(model, v);
                v
            },
        )
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
        let taken = u32::from(v).wrapping_neg();
        self.code -= split & taken;
        self.range = ((self.range - split) & taken) | (split & !taken);
        self.renormalise();
        model.adapt_flag(v);
        v
    }
}
