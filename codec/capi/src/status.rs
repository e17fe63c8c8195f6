//! How a call went.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};

/// What a call gives. Negative values are errors; girih_last_error() then says more.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "the names of C")]
pub enum GirihStatus {
    /// Done.
    GIRIH_OK = 0,
    /// Nothing to give now: push more first, or, after finishing, the end.
    GIRIH_NONE = 1,
    /// A NULL pointer, a number out of range, or a call at the wrong time.
    GIRIH_ERROR_ARGUMENT = -1,
    /// The bytes are damaged, or are nothing of Girih's.
    GIRIH_ERROR_CORRUPT = -2,
    /// A frame was decoded to other samples than its hash says.
    GIRIH_ERROR_HASH = -3,
    /// The stream was made with a codebook that is not there.
    GIRIH_ERROR_CODEBOOK = -4,
    /// Well formed, but beyond what this version does.
    GIRIH_ERROR_UNSUPPORTED = -5,
    /// The stream needs more than the limits allow.
    GIRIH_ERROR_LIMIT = -6,
    /// A callback could not read or write.
    GIRIH_ERROR_IO = -7,
    /// A fault of the library's. The handle is of no more use but to be freed.
    GIRIH_ERROR_INTERNAL = -8,
}

/// An error and what to say of it.
#[derive(Debug)]
pub(crate) struct Fault(pub GirihStatus, pub String);

impl Fault {
    pub fn argument(text: &str) -> Self {
        Fault(GirihStatus::GIRIH_ERROR_ARGUMENT, text.into())
    }
}

impl From<girih::Error> for Fault {
    fn from(e: girih::Error) -> Self {
        let status = match e {
            girih::Error::HashMismatch { .. } => GirihStatus::GIRIH_ERROR_HASH,
            girih::Error::Codebook { .. } => GirihStatus::GIRIH_ERROR_CODEBOOK,
            girih::Error::Unsupported(_) => GirihStatus::GIRIH_ERROR_UNSUPPORTED,
            girih::Error::Limit(_) => GirihStatus::GIRIH_ERROR_LIMIT,
            girih::Error::Config(_) => GirihStatus::GIRIH_ERROR_ARGUMENT,
            _ => GirihStatus::GIRIH_ERROR_CORRUPT,
        };
        Fault(status, e.to_string())
    }
}

impl From<girih::stream::container::Error> for Fault {
    fn from(e: girih::stream::container::Error) -> Self {
        use girih::stream::container::Error;
        let status = match e {
            Error::Io(_) => GirihStatus::GIRIH_ERROR_IO,
            Error::Version(_) => GirihStatus::GIRIH_ERROR_UNSUPPORTED,
            Error::Limit(_) => GirihStatus::GIRIH_ERROR_LIMIT,
            _ => GirihStatus::GIRIH_ERROR_CORRUPT,
        };
        Fault(status, e.to_string())
    }
}

thread_local! {
    static LAST: RefCell<CString> = RefCell::default();
}

/// Keeps what [`girih_last_error`] will say.
pub(crate) fn remember(text: String) {
    let text = CString::new(text.replace('\0', " ")).unwrap_or_default();
    // The thread may be ending; then nobody can ask.
    let _ = LAST.try_with(|last| last.replace(text));
}

/// What went wrong in the last call of this thread that failed: one line in English, never NULL. It is valid until the
/// next call of this thread that fails.
#[unsafe(no_mangle)]
pub extern "C" fn girih_last_error() -> *const c_char {
    LAST.try_with(|last| last.borrow().as_ptr()).unwrap_or(c"".as_ptr())
}

/// The version of the library, such as "0.1.0".
#[unsafe(no_mangle)]
pub extern "C" fn girih_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => c"",
        };
    VERSION.as_ptr()
}
