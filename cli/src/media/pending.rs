//! Output that appears under its name only when it is complete.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Result, bail};

/// Unfinished files, to be removed when the program is interrupted.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes unfinished files, before the program ends without a word to their owners.
pub fn remove_unfinished() {
    if let Ok(files) = UNFINISHED.lock() {
        for file in files.iter() {
            let _ = fs::remove_file(file);
        }
    }
}

/// A file in the making: written under a temporary name in the same folder, then renamed.
#[derive(Debug)]
pub struct Pending {
    target: PathBuf,
    /// `None` when the target is no regular file (a device, a pipe) and is written directly.
    temporary: Option<PathBuf>,
    overwrite: bool,
}

impl Pending {
    /// The same for what is made of `input`, which must not be lost.
    ///
    /// # Errors
    /// An output that is the input; those of [`create`](Self::create).
    pub fn create_from(input: &Path, target: &Path, overwrite: bool) -> Result<Self> {
        if let (Ok(a), Ok(b)) = (fs::canonicalize(input), fs::canonicalize(target))
            && a == b
            && a.is_file()
        {
            bail!("is the input itself");
        }
        Pending::create(target, overwrite)
    }

    /// Makes the temporary file.
    ///
    /// # Errors
    /// A target that exists (without `overwrite`), or a folder that cannot be written to.
    pub fn create(target: &Path, overwrite: bool) -> Result<Self> {
        let mut target = target.to_path_buf();
        match fs::metadata(&target) {
            Ok(m) if m.is_dir() => bail!("is a directory"),
            Ok(m) if !m.is_file() => return Ok(Pending { target, temporary: None, overwrite }),
            Ok(_) if !overwrite => bail!("exists already (use --overwrite to replace it)"),
            // Replace what a symbolic link points to, not the link.
            Ok(_) => target = fs::canonicalize(&target)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(e.into()),
        }
        let temporary = temporary_name(&target)?;
        OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        if let Ok(mut files) = UNFINISHED.lock() {
            files.push(temporary.clone());
        }
        Ok(Pending { target, temporary: Some(temporary), overwrite })
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        self.temporary.as_deref().unwrap_or(&self.target)
    }

    /// Opens the file for writing.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(&self) -> io::Result<File> {
        OpenOptions::new().write(true).open(self.path())
    }

    /// Gives the finished file its name.
    ///
    /// # Errors
    /// Those of the file system, or a target that has appeared meanwhile.
    pub fn commit(mut self) -> Result<()> {
        if let Some(temporary) = &self.temporary {
            if !self.overwrite && self.target.exists() {
                bail!("exists already (use --overwrite to replace it)");
            }
            fs::rename(temporary, &self.target)?;
            forget(temporary);
            self.temporary = None;
        }
        Ok(())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
            forget(temporary);
        }
    }
}

fn forget(temporary: &Path) {
    if let Ok(mut files) = UNFINISHED.lock() {
        files.retain(|f| f != temporary);
    }
}

/// What runs that were killed have left of a target.
pub fn leftovers(target: &Path) -> Vec<PathBuf> {
    let (Some(stem), Some(extension)) = (target.file_stem(), target.extension()) else { return Vec::new() };
    let (start, end) =
        (format!(".{}-", stem.to_string_lossy()), format!(".part.{}", extension.to_string_lossy()));
    let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    let ours = |p: &PathBuf| {
        let name = p.file_name().unwrap_or_default().to_string_lossy();
        let id = name.strip_prefix(&start).and_then(|n| n.strip_suffix(&end));
        id.is_some_and(|id| id.bytes().all(|b| b.is_ascii_digit()))
    };
    entries.filter(ours).collect()
}

/// A hidden name next to the target that keeps its extension, by which FFmpeg chooses the format.
fn temporary_name(target: &Path) -> Result<PathBuf> {
    let (Some(stem), extension) = (target.file_stem(), target.extension()) else { bail!("not a file name") };
    let mut name = OsString::from(".");
    name.push(stem);
    name.push(format!("-{}.part", std::process::id()));
    if let Some(extension) = extension {
        name.push(".");
        name.push(extension);
    }
    Ok(target.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn appears_when_committed() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let target = dir.path().join("a.y4m");
        let p = Pending::create(&target, false)?;
        assert_eq!(p.path().extension(), target.extension());
        p.open()?.write_all(b"done")?;
        assert!(!target.exists());
        p.commit()?;
        assert_eq!(fs::read(&target)?, b"done");

        assert!(Pending::create(&target, false).is_err());
        assert!(Pending::create_from(&target, &dir.path().join("./a.y4m"), true).is_err());
        drop(Pending::create(&target, true)?);
        assert_eq!(fs::read_dir(dir.path())?.count(), 1, "a dropped file leaves nothing");
        Pending::create(&target, true)?.commit()?;
        assert_eq!(fs::read(&target)?, b"");
        Ok(())
    }

    #[test]
    fn refuses_what_cannot_be_written() -> Result<()> {
        let dir = tempfile::tempdir()?;
        assert!(Pending::create(dir.path(), true).is_err());
        assert!(Pending::create(&dir.path().join("no/such/a.y4m"), false).is_err());
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_written_directly() -> Result<()> {
        let p = Pending::create(Path::new("/dev/null"), false)?;
        assert_eq!(p.path(), Path::new("/dev/null"));
        p.commit()
    }
}
