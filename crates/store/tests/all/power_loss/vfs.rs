//! A virtual file system for SQLite between the database and the real one. Writes stay in memory until they are synced; at
//! a power loss what was not synced is gone, or torn. Locks and shared memory are the real file system's.

#![allow(
    unsafe_code,
    reason = "SQLite's interface for file systems is a table of C functions; there is no other way to lose power"
)]

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::size_of;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::ffi::{
    self, SQLITE_CANTOPEN, SQLITE_IOERR, SQLITE_IOERR_SHORT_READ, SQLITE_NOTFOUND, SQLITE_OK, sqlite3_file,
    sqlite3_io_methods, sqlite3_vfs,
};

/// What becomes of writes that were not synced when the power goes.
#[derive(Clone, Copy)]
pub(super) enum Unsynced {
    /// None of them reaches the disk.
    Vanish,
    /// Some sectors of some of them do.
    Torn { seed: u64 },
}

/// A machine whose power can go.
pub(super) struct Machine {
    name: &'static CStr,
    real: *mut sqlite3_vfs,
    disk: Mutex<Disk>,
}

// SAFETY: the pointer is to the default file system of SQLite, which lives as long as the process and is thread-safe.
unsafe impl Send for Machine {}
// SAFETY: as above; everything else is behind the mutex.
unsafe impl Sync for Machine {}

struct Disk {
    on: bool,
    /// Writes and syncs until the power goes.
    left: Option<(u64, Unsynced)>,
    files: HashMap<PathBuf, Contents>,
}

/// A file as the running machine sees it, and what it has not synced of that.
#[derive(Default)]
struct Contents {
    current: Vec<u8>,
    unsynced: Vec<Change>,
}

enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { size: usize },
}

impl Machine {
    /// Registers a file system. It is never removed: SQLite may hold on to it, and a test process ends soon.
    pub(super) fn start(name: &str) -> &'static Self {
        let name: &'static CStr = Box::leak(CString::new(name).unwrap().into_boxed_c_str());
        // SAFETY: a null name asks for the default file system.
        let real = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        assert!(!real.is_null());
        let machine: &'static Self = Box::leak(Box::new(Self {
            name,
            real,
            disk: Mutex::new(Disk {
                on: true,
                left: None,
                files: HashMap::new(),
            }),
        }));
        // SAFETY: `real` is valid; the copy keeps its functions for time, randomness and paths, which take no state of ours.
        let mut vfs = unsafe { *real };
        vfs.iVersion = 1;
        vfs.szOsFile += c_int::try_from(size_of::<File>()).unwrap();
        vfs.zName = name.as_ptr();
        vfs.pNext = ptr::null_mut();
        vfs.pAppData = ptr::from_ref(machine).cast_mut().cast();
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        vfs.xAccess = Some(access);
        // SAFETY: the table is leaked, so it outlives every use.
        let registered = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 0) };
        assert_eq!(registered, SQLITE_OK);
        machine
    }

    pub(super) fn name(&self) -> &'static str {
        self.name.to_str().unwrap()
    }

    pub(super) fn is_on(&self) -> bool {
        self.disk().on
    }

    /// The power goes in the middle of the `operations`-th write or sync from now.
    pub(super) fn lose_power_after(&self, operations: u64, unsynced: Unsynced) {
        self.disk().left = Some((operations, unsynced));
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    /// Counts an operation that changes the disk; `false` when the machine is off, or goes off now.
    fn operate(&mut self) -> bool {
        if let Some((left, unsynced)) = &mut self.left {
            *left -= 1;
            if *left == 0 {
                let unsynced = *unsynced;
                self.lose_power(unsynced);
            }
        }
        self.on
    }

    fn lose_power(&mut self, unsynced: Unsynced) {
        self.on = false;
        self.left = None;
        for (path, contents) in self.files.drain() {
            if let Unsynced::Torn { seed } = unsynced {
                tear(&path, &contents.unsynced, seed);
            }
        }
    }
}

/// Half of the sectors of what was not synced reach the disk, in any order, which is that of writing if none is lost.
fn tear(path: &PathBuf, unsynced: &[Change], seed: u64) {
    const SECTOR: usize = 512;
    let mut state = seed | 1;
    let mut coin = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.is_multiple_of(2)
    };
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    for change in unsynced {
        match change {
            Change::Truncate { size } => {
                if coin() {
                    file.set_len(*size as u64).unwrap();
                }
            }
            Change::Write { offset, bytes } => {
                for (number, sector) in bytes.chunks(SECTOR).enumerate() {
                    if coin() {
                        file.write_all_at(sector, (offset + number * SECTOR) as u64).unwrap();
                    }
                }
            }
        }
    }
}

/// What SQLite keeps for an open file. The real file system's own structure follows it in memory.
#[repr(C)]
struct File {
    base: sqlite3_file,
    machine: &'static Machine,
    path: PathBuf,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// SAFETY (of all that use it): SQLite passes back the pointer that `open` filled.
unsafe fn ours<'a>(file: *mut sqlite3_file) -> &'a File {
    // SAFETY: see above.
    unsafe { &*file.cast::<File>() }
}

/// The real file behind ours.
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: `szOsFile` has room for both, ours first.
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

/// Calls a function of the real file.
macro_rules! really {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: the real file was opened by `open`, and its file system has every function of version 2.
        unsafe {
            let real = real($file);
            (*(*real).pMethods).$method.unwrap()(real $(, $argument)*)
        }
    }};
}

unsafe fn machine_of(vfs: *mut sqlite3_vfs) -> &'static Machine {
    // SAFETY: `start` put a leaked machine there.
    unsafe { &*(*vfs).pAppData.cast::<Machine>() }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes valid pointers, and room for `szOsFile` bytes at `file`.
    unsafe {
        (*file).pMethods = ptr::null();
        let machine = machine_of(vfs);
        // Temporary files are kept in memory by the settings of the store.
        if name.is_null() || !machine.is_on() {
            return SQLITE_CANTOPEN;
        }
        let opened = (*machine.real).xOpen.unwrap()(machine.real, name, real(file), flags, out_flags);
        if opened != SQLITE_OK {
            return opened;
        }
        let path = PathBuf::from(CStr::from_ptr(name).to_str().unwrap());
        let mut disk = machine.disk();
        if !disk.files.contains_key(&path) {
            let contents = Contents {
                current: std::fs::read(&path).unwrap(),
                unsynced: Vec::new(),
            };
            disk.files.insert(path.clone(), contents);
        }
        drop(disk);
        ptr::write(
            file.cast::<File>(),
            File {
                base: sqlite3_file {
                    pMethods: &raw const METHODS,
                },
                machine,
                path,
            },
        );
    }
    SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite passes valid pointers.
    unsafe {
        let machine = machine_of(vfs);
        let mut disk = machine.disk();
        if !disk.operate() {
            return SQLITE_IOERR;
        }
        disk.files
            .remove(&PathBuf::from(CStr::from_ptr(name).to_str().unwrap()));
        (*machine.real).xDelete.unwrap()(machine.real, name, sync)
    }
}

unsafe extern "C" fn access(vfs: *mut sqlite3_vfs, name: *const c_char, flags: c_int, out: *mut c_int) -> c_int {
    // SAFETY: SQLite passes valid pointers.
    unsafe {
        let machine = machine_of(vfs);
        (*machine.real).xAccess.unwrap()(machine.real, name, flags, out)
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let closed = really!(file, xClose);
    // SAFETY: `open` wrote it; SQLite does not use the file after this.
    unsafe { ptr::drop_in_place(file.cast::<File>()) };
    closed
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, amount: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite passes our file and room for `amount` bytes.
    let (file, to) = unsafe {
        let to = std::slice::from_raw_parts_mut(to.cast::<u8>(), usize::try_from(amount).unwrap());
        (ours(file), to)
    };
    let mut disk = file.machine.disk();
    let Some(contents) = disk.files.get_mut(&file.path) else {
        return SQLITE_IOERR;
    };
    let from = usize::try_from(offset).unwrap().min(contents.current.len());
    let there = &contents.current[from..];
    let length = there.len().min(to.len());
    to[..length].copy_from_slice(&there[..length]);
    to[length..].fill(0);
    if length == to.len() {
        SQLITE_OK
    } else {
        SQLITE_IOERR_SHORT_READ
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, amount: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite passes our file and `amount` bytes.
    let (file, bytes) = unsafe {
        let from = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(amount).unwrap());
        (ours(file), from)
    };
    let offset = usize::try_from(offset).unwrap();
    change(
        file,
        Change::Write {
            offset,
            bytes: bytes.to_vec(),
        },
    )
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    // SAFETY: SQLite passes our file.
    let file = unsafe { ours(file) };
    let size = usize::try_from(size).unwrap();
    change(file, Change::Truncate { size })
}

fn change(file: &File, change: Change) -> c_int {
    let mut disk = file.machine.disk();
    // The write during which the power goes is one that was not synced.
    let Some(contents) = disk.files.get_mut(&file.path) else {
        return SQLITE_IOERR;
    };
    match &change {
        Change::Write { offset, bytes } => {
            let end = offset + bytes.len();
            if contents.current.len() < end {
                contents.current.resize(end, 0);
            }
            contents.current[*offset..end].copy_from_slice(bytes);
        }
        Change::Truncate { size } => contents.current.resize(*size, 0),
    }
    contents.unsynced.push(change);
    if disk.operate() { SQLITE_OK } else { SQLITE_IOERR }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite passes our file.
    let (disk_file, file) = unsafe { (real(file), ours(file)) };
    let mut disk = file.machine.disk();
    if !disk.operate() {
        return SQLITE_IOERR;
    }
    let Some(contents) = disk.files.get_mut(&file.path) else {
        return SQLITE_IOERR;
    };
    for change in contents.unsynced.drain(..) {
        // SAFETY: the real file is open; the bytes live during the call.
        let done = unsafe {
            let methods = &*(*disk_file).pMethods;
            match change {
                Change::Write { offset, bytes } => methods.xWrite.unwrap()(
                    disk_file,
                    bytes.as_ptr().cast(),
                    c_int::try_from(bytes.len()).unwrap(),
                    i64::try_from(offset).unwrap(),
                ),
                Change::Truncate { size } => methods.xTruncate.unwrap()(disk_file, i64::try_from(size).unwrap()),
            }
        };
        assert_eq!(done, SQLITE_OK);
    }
    SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: SQLite passes our file and room for the answer.
    let (file, size) = unsafe { (ours(file), &mut *size) };
    let disk = file.machine.disk();
    let Some(contents) = disk.files.get(&file.path) else {
        return SQLITE_IOERR;
    };
    *size = i64::try_from(contents.current.len()).unwrap();
    SQLITE_OK
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    really!(file, xLock, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    really!(file, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    really!(file, xCheckReservedLock, out)
}

// The hints that it carries would reach the real file past what is kept here.
unsafe extern "C" fn file_control(_: *mut sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    really!(file, xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    really!(file, xDeviceCharacteristics)
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    really!(file, xShmMap, page, size, extend, out)
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    really!(file, xShmLock, offset, count, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    really!(file, xShmBarrier);
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    really!(file, xShmUnmap, delete)
}
