//! The API's vocabulary, seen from outside.

mod requests;
