//! The border to C: pointers are checked, panics stop here.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::status::{Fault, GirihStatus, remember};

pub(crate) type Answer = Result<GirihStatus, Fault>;

/// Runs the body of a call.
pub(crate) fn guard(body: impl FnOnce() -> Answer) -> GirihStatus {
    let answer = catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(Fault(GirihStatus::GIRIH_ERROR_INTERNAL, "a fault of the library's".into())));
    answer.unwrap_or_else(|Fault(status, text)| {
        remember(text);
        status
    })
}

/// What C holds a pointer to.
pub(crate) trait Handle {
    /// Whether a panic has left it in an unknown state.
    fn broken(&mut self) -> &mut bool;
}

/// Gives a handle to C.
///
/// # Safety
/// `out` is NULL or a place for a pointer.
pub(crate) unsafe fn give<T: Handle>(handle: T, out: *mut *mut T) -> Answer {
    // Before there is anything to lose.
    check(out)?;
    // SAFETY: by this function's own condition.
    unsafe { put(out, Box::into_raw(Box::new(handle)))? };
    Ok(GirihStatus::GIRIH_OK)
}

/// Takes a handle back and drops it.
///
/// # Safety
/// `handle` is NULL or came from [`give`] and has not been freed.
pub(crate) unsafe fn free<T: Handle>(handle: *mut T) {
    guard(|| {
        if !handle.is_null() {
            // SAFETY: by this function's own condition it is a box of ours that nobody else has.
            drop(unsafe { Box::from_raw(handle) });
        }
        Ok(GirihStatus::GIRIH_OK)
    });
}

/// Runs the body of a call on a handle.
///
/// # Safety
/// `handle` is NULL or came from [`give`], has not been freed, and no other thread uses it meanwhile.
pub(crate) unsafe fn with<T: Handle>(handle: *mut T, body: impl FnOnce(&mut T) -> Answer) -> GirihStatus {
    guard(|| {
        // SAFETY: by this function's own condition.
        let handle = unsafe { handle.as_mut() }.ok_or_else(null)?;
        if *handle.broken() {
            let text = "a fault of the library's in an earlier call";
            return Err(Fault(GirihStatus::GIRIH_ERROR_INTERNAL, text.into()));
        }
        // Stays set if the body panics.
        *handle.broken() = true;
        let answer = body(handle);
        *handle.broken() = false;
        answer
    })
}

fn null() -> Fault {
    Fault::argument("a NULL pointer")
}

/// Bytes from C; NULL stands for none if `size` is 0.
///
/// # Safety
/// `data` is NULL or points to `size` bytes that stay as they are for the time of `'a`.
pub(crate) unsafe fn bytes<'a>(data: *const u8, size: usize) -> Result<&'a [u8], Fault> {
    match (data.is_null(), size) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(null()),
        (_, size) if size > isize::MAX as usize => Err(Fault::argument("a size beyond the address space")),
        // SAFETY: by this function's own condition; the size has been checked.
        _ => Ok(unsafe { std::slice::from_raw_parts(data, size) }),
    }
}

/// What a pointer of C's points to.
///
/// # Safety
/// `pointer` is NULL or points to a `T` that nobody writes to for the time of `'a`.
pub(crate) unsafe fn get<'a, T>(pointer: *const T) -> Result<&'a T, Fault> {
    // SAFETY: by this function's own condition.
    unsafe { pointer.as_ref() }.ok_or_else(null)
}

/// Refuses NULL.
pub(crate) fn check<T>(pointer: *mut T) -> Result<(), Fault> {
    if pointer.is_null() { Err(null()) } else { Ok(()) }
}

/// Writes to where a pointer of C's points.
///
/// # Safety
/// `pointer` is NULL or a place for a `T`.
pub(crate) unsafe fn put<T: Copy>(pointer: *mut T, value: T) -> Result<(), Fault> {
    check(pointer)?;
    // SAFETY: by this function's own condition.
    unsafe { pointer.write(value) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::girih_last_error;
    use std::ffi::CStr;

    fn last() -> String {
        // SAFETY: girih_last_error gives a string, and no call fails before it is copied.
        unsafe { CStr::from_ptr(girih_last_error()) }.to_string_lossy().into_owned()
    }

    #[derive(Default)]
    struct Dummy {
        broken: bool,
    }

    impl Handle for Dummy {
        fn broken(&mut self) -> &mut bool {
            &mut self.broken
        }
    }

    #[test]
    fn panics_stop_here_and_break_the_handle() {
        let mut h = std::ptr::null_mut();
        // SAFETY: a place for a pointer, and the handle that was put there.
        unsafe {
            assert!(give(Dummy::default(), &mut h).is_ok());
            assert_eq!(with(h, |_| Ok(GirihStatus::GIRIH_NONE)), GirihStatus::GIRIH_NONE);
            assert_eq!(with(h, |_| panic!("a test")), GirihStatus::GIRIH_ERROR_INTERNAL);
            assert_eq!(with(h, |_| Ok(GirihStatus::GIRIH_OK)), GirihStatus::GIRIH_ERROR_INTERNAL);
            assert!(last().contains("earlier call"));
            free(h);
        }
    }

    #[test]
    fn null_is_an_error() {
        let none = std::ptr::null_mut::<Dummy>();
        // SAFETY: NULL is allowed.
        unsafe {
            assert_eq!(with(none, |_| Ok(GirihStatus::GIRIH_OK)), GirihStatus::GIRIH_ERROR_ARGUMENT);
            free(none);
            assert!(bytes(std::ptr::null(), 3).is_err());
            assert!(bytes(std::ptr::null(), 0).is_ok_and(<[u8]>::is_empty));
        }
        assert!(last().contains("NULL"));
    }
}
