//! Certificates without thought: from an ACME authority or from one of our own.
