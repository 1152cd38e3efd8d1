//! Letters to people: written in the unit of work that causes them, sent over SMTP until they arrive or are given up.
