//! The engine's C interface: every unsafe call is here, behind types that can't be misused.
//!
//! The library ships without a header; the signatures are those of chdb's `chdb.h` for 26.7. What holds them safe:
//! a connection runs one statement at a time (`&mut self`), results and insert streams are destroyed exactly once, and the
//! library is never unloaded, because its threads live as long as the process.
#![expect(unsafe_code, reason = "the engine is a C library")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::path::Path;
use std::ptr::{self, NonNull};

type Handle = *mut c_void;
type ConnectFn = unsafe extern "C" fn(c_int, *const *const c_char) -> *mut Handle;
/// Connection, statement, format, then names and values of the parameters; every text with its length.
type StatementFn = unsafe extern "C" fn(
    Handle,
    *const u8,
    usize,
    *const u8,
    usize,
    *const *const u8,
    *const usize,
    *const *const u8,
    *const usize,
    usize,
) -> Handle;
type ClassifyFn = unsafe extern "C" fn(Handle, *const u8, usize, *const u8, usize, *mut RawAnalysis) -> c_int;
type NumberFn = unsafe extern "C" fn(Handle) -> u64;
type TextFn = unsafe extern "C" fn(Handle) -> *const c_char;

/// `chdb_query_analysis_v1`, versioned by its own size.
#[repr(C)]
#[derive(Default)]
struct RawAnalysis {
    struct_size: u32,
    statement_count: u32,
    flags: u32,
    query_class: u32,
}

/// The library's functions, loaded once for the life of the process.
pub struct Api {
    set_signal_handlers_enabled: unsafe extern "C" fn(c_int),
    shutdown: unsafe extern "C" fn() -> c_int,
    connect: ConnectFn,
    close_conn: unsafe extern "C" fn(*mut Handle),
    classify: ClassifyFn,
    query: StatementFn,
    destroy_result: unsafe extern "C" fn(Handle),
    result_buffer: unsafe extern "C" fn(Handle) -> *const u8,
    result_length: unsafe extern "C" fn(Handle) -> usize,
    result_error: TextFn,
    result_elapsed: unsafe extern "C" fn(Handle) -> f64,
    result_rows: NumberFn,
    result_bytes: NumberFn,
    rows_read: NumberFn,
    bytes_read: NumberFn,
    rows_written: NumberFn,
    bytes_written: NumberFn,
    insert: StatementFn,
    insert_append: unsafe extern "C" fn(Handle, *const u8, usize) -> c_int,
    insert_done: unsafe extern "C" fn(Handle) -> Handle,
    insert_error: TextFn,
    insert_destroy: unsafe extern "C" fn(Handle),
}

impl Api {
    /// Loads the library and tells it to leave the process's signals alone.
    pub fn load(path: &Path) -> Result<&'static Self, libloading::Error> {
        // SAFETY: the library's initialisers have no demands; the types are those of its header.
        let api = unsafe {
            let library = Box::leak(Box::new(libloading::Library::new(path)?));
            Self {
                set_signal_handlers_enabled: *library.get("chdb_set_signal_handlers_enabled")?,
                shutdown: *library.get("chdb_shutdown")?,
                connect: *library.get("chdb_connect")?,
                close_conn: *library.get("chdb_close_conn")?,
                classify: *library.get("chdb_classify_query_n")?,
                query: *library.get("chdb_query_with_params_n")?,
                destroy_result: *library.get("chdb_destroy_query_result")?,
                result_buffer: *library.get("chdb_result_buffer")?,
                result_length: *library.get("chdb_result_length")?,
                result_error: *library.get("chdb_result_error")?,
                result_elapsed: *library.get("chdb_result_elapsed")?,
                result_rows: *library.get("chdb_result_rows_read")?,
                result_bytes: *library.get("chdb_result_bytes_read")?,
                rows_read: *library.get("chdb_result_storage_rows_read")?,
                bytes_read: *library.get("chdb_result_storage_bytes_read")?,
                rows_written: *library.get("chdb_result_rows_written")?,
                bytes_written: *library.get("chdb_result_bytes_written")?,
                insert: *library.get("chdb_stream_insert_with_params_n")?,
                insert_append: *library.get("chdb_stream_append")?,
                insert_done: *library.get("chdb_stream_done")?,
                insert_error: *library.get("chdb_stream_insert_error")?,
                insert_destroy: *library.get("chdb_destroy_insert_stream")?,
            }
        };
        // SAFETY: callable at any time before the first connection.
        unsafe { (api.set_signal_handlers_enabled)(0) };
        Ok(Box::leak(Box::new(api)))
    }

    /// Opens a connection with command-line arguments; `None` if the engine refuses them.
    pub fn connect(&'static self, arguments: &[CString]) -> Option<RawConnection> {
        let pointers: Vec<*const c_char> = arguments.iter().map(|argument| argument.as_ptr()).collect();
        let count = c_int::try_from(pointers.len()).ok()?;
        // SAFETY: `count` valid C strings that outlive the call; concurrent calls are serialised by the engine.
        let raw = unsafe { (self.connect)(count, pointers.as_ptr()) };
        NonNull::new(raw).map(|raw| RawConnection { api: self, raw })
    }

    /// Joins the engine's threads, unless a connection is open. Nothing can be opened afterwards.
    pub fn shutdown(&'static self) {
        // SAFETY: callable from any thread at any time.
        unsafe { (self.shutdown)() };
    }
}

/// What the engine's parser says of a text.
pub struct RawClass {
    pub statements: u32,
    pub class: u32,
}

pub struct RawConnection {
    api: &'static Api,
    raw: NonNull<Handle>,
}

// SAFETY: the engine binds nothing to the thread that opened the connection; `&mut` keeps it to one thread at a time.
unsafe impl Send for RawConnection {}

impl RawConnection {
    fn handle(&self) -> Handle {
        // SAFETY: a valid pointer from `chdb_connect` until it is closed in `drop`.
        unsafe { *self.raw.as_ptr() }
    }

    pub fn query(&mut self, sql: &str, format: &str, params: &[(String, String)]) -> RawResult {
        RawResult { api: self.api, raw: self.statement(self.api.query, sql, format, params) }
    }

    pub fn insert(&mut self, head: &str, format: &str, params: &[(String, String)]) -> RawInsert<'_> {
        let raw = self.statement(self.api.insert, head, format, params);
        RawInsert { api: self.api, raw, connection: PhantomData }
    }

    fn statement(&self, function: StatementFn, sql: &str, format: &str, params: &[(String, String)]) -> Handle {
        let (names, name_lengths): (Vec<_>, Vec<_>) =
            params.iter().map(|(name, _)| (name.as_ptr(), name.len())).unzip();
        let (values, value_lengths): (Vec<_>, Vec<_>) =
            params.iter().map(|(_, value)| (value.as_ptr(), value.len())).unzip();
        // SAFETY: every pointer comes with its length and outlives the call, which copies what it keeps.
        unsafe {
            function(
                self.handle(),
                sql.as_ptr(),
                sql.len(),
                format.as_ptr(),
                format.len(),
                names.as_ptr(),
                name_lengths.as_ptr(),
                values.as_ptr(),
                value_lengths.as_ptr(),
                params.len(),
            )
        }
    }

    pub fn classify(&mut self, sql: &str) -> Option<RawClass> {
        let size = u32::try_from(size_of::<RawAnalysis>()).ok()?;
        let mut analysis = RawAnalysis { struct_size: size, ..RawAnalysis::default() };
        // SAFETY: text with its length, no target database, and a struct of the size it names.
        let state =
            unsafe { (self.api.classify)(self.handle(), sql.as_ptr(), sql.len(), ptr::null(), 0, &raw mut analysis) };
        (state == 0).then_some(RawClass { statements: analysis.statement_count, class: analysis.query_class })
    }
}

impl Drop for RawConnection {
    fn drop(&mut self) {
        // SAFETY: opened by `connect`, closed here only.
        unsafe { (self.api.close_conn)(self.raw.as_ptr()) };
    }
}

pub struct RawResult {
    api: &'static Api,
    raw: Handle,
}

impl RawResult {
    pub fn error(&self) -> Option<String> {
        // SAFETY: a live result; the text belongs to it.
        unsafe { text((self.api.result_error)(self.raw)) }
    }

    pub fn body(&self) -> &[u8] {
        // SAFETY: the buffer has this length and belongs to the result.
        unsafe {
            let (buffer, length) = ((self.api.result_buffer)(self.raw), (self.api.result_length)(self.raw));
            if buffer.is_null() || length == 0 { &[] } else { std::slice::from_raw_parts(buffer, length) }
        }
    }

    pub fn elapsed_seconds(&self) -> f64 {
        // SAFETY: a live result.
        unsafe { (self.api.result_elapsed)(self.raw) }
    }

    pub fn result_rows(&self) -> u64 {
        self.number(self.api.result_rows)
    }

    pub fn result_bytes(&self) -> u64 {
        self.number(self.api.result_bytes)
    }

    pub fn read_rows(&self) -> u64 {
        self.number(self.api.rows_read)
    }

    pub fn read_bytes(&self) -> u64 {
        self.number(self.api.bytes_read)
    }

    pub fn written_rows(&self) -> u64 {
        self.number(self.api.rows_written)
    }

    pub fn written_bytes(&self) -> u64 {
        self.number(self.api.bytes_written)
    }

    fn number(&self, function: NumberFn) -> u64 {
        // SAFETY: a live result.
        unsafe { function(self.raw) }
    }
}

impl Drop for RawResult {
    fn drop(&mut self) {
        // SAFETY: destroyed here only.
        unsafe { (self.api.destroy_result)(self.raw) };
    }
}

/// An insert whose data is still coming; dropped before [`RawInsert::done`] it is cancelled.
pub struct RawInsert<'c> {
    api: &'static Api,
    raw: Handle,
    connection: PhantomData<&'c mut RawConnection>,
}

impl RawInsert<'_> {
    pub fn error(&self) -> Option<String> {
        // SAFETY: a live stream; the text belongs to it.
        unsafe { text((self.api.insert_error)(self.raw)) }
    }

    /// Hands data over, waiting while the engine is behind; false if the insert has failed.
    pub fn append(&mut self, data: &[u8]) -> bool {
        // SAFETY: a live stream and a buffer with its length, which the engine copies.
        unsafe { (self.api.insert_append)(self.raw, data.as_ptr(), data.len()) == 0 }
    }

    /// Ends the data and commits it.
    pub fn done(self) -> RawResult {
        // SAFETY: a live stream; the result is the caller's to destroy.
        RawResult { api: self.api, raw: unsafe { (self.api.insert_done)(self.raw) } }
    }
}

impl Drop for RawInsert<'_> {
    fn drop(&mut self) {
        // SAFETY: destroyed here only; cancels what was not finished.
        unsafe { (self.api.insert_destroy)(self.raw) };
    }
}

/// # Safety
/// `pointer` is null or a C string that lives as long as this call.
unsafe fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: as the caller says.
    let text = unsafe { CStr::from_ptr(pointer) };
    Some(text.to_string_lossy().into_owned()).filter(|text| !text.is_empty())
}
