//! A command line and what it wrote.

use std::{
    ffi::OsString,
    io::Write,
    process::ExitCode,
    sync::{Arc, Mutex},
};

use doorward_cli::Ran;

#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: String,
    pub(crate) out: String,
    pub(crate) err: String,
}

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs the words behind `doorward`.
pub(crate) fn run<const N: usize>(words: [&str; N]) -> Told {
    let (out, err) = (Paper::default(), Paper::default());
    let words = ["doorward"].into_iter().chain(words).map(OsString::from);
    let ran = doorward_cli::run_to(words, [], Box::new(out.clone()), Box::new(err.clone()));
    let Ran::Finished(code) = ran else {
        panic!("it is not the caller's");
    };
    let codes = [0, 1, 2, 3].into_iter();
    let code = codes
        .map(|code| (code, ExitCode::from(code)))
        .find(|(_, exit)| *exit == code);
    Told {
        code: code.unwrap().0.to_string(),
        out: out.text(),
        err: err.text(),
    }
}
