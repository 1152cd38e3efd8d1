//! Events as syslog messages (RFC 5424), one event one message, its content the event's JSON.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{Outcome, RecordedEvent};

/// Facility "security/authorization messages" (RFC 5424 §6.2.1).
const FACILITY: u8 = 10;
const WARNING: u8 = 4;
const NOTICE: u8 = 5;
/// RFC 5424 §6.2.7.
const LONGEST_MESSAGE_ID: usize = 32;
/// RFC 5424 §6.2.4.
const LONGEST_HOSTNAME: usize = 255;

/// The message without framing. The hostname is that of this server.
pub fn message(event: &RecordedEvent, hostname: &str) -> String {
    let severity = match event.event.outcome {
        Outcome::Ok => NOTICE,
        Outcome::Refused => WARNING,
    };
    format!(
        "<{priority}>1 {time} {host} doorward - {id} - {json}",
        priority = FACILITY * 8 + severity,
        time = timestamp(event.at),
        host = name(hostname, LONGEST_HOSTNAME),
        id = name(&event.event.action, LONGEST_MESSAGE_ID),
        json = event.json_line(),
    )
}

/// The message as it goes over TCP: with its length in front (RFC 6587 §3.4.1), because JSON may hold anything.
pub fn frame(message: &str) -> String {
    format!("{} {message}", message.len())
}

/// With milliseconds and `Z` (RFC 5424 §6.2.3).
fn timestamp(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

/// Printable ASCII without blanks, or `-` (RFC 5424 §6, NILVALUE).
fn name(text: &str, longest: usize) -> String {
    let name: String = text.chars().filter(char::is_ascii_graphic).take(longest).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}
