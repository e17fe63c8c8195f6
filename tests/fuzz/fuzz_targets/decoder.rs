//! Any bytes at all: as packets after a sequence header, or as a file.
#![no_main]

use girih_tests::damage::decode_finding;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    decode_finding(data);
});
