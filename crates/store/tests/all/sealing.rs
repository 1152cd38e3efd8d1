//! The master key and tickets.

use std::os::unix::fs::PermissionsExt;

use doorward_jose::{Random, Secret, SystemRandom};
use doorward_store::testing::START;
use doorward_store::{MasterKey, SealError, Ticket, new_id};
use jiff::ToSpan;
use proptest::prelude::*;

fn key(byte: u8) -> MasterKey {
    MasterKey::from_bytes(&Secret::new([byte; 32]))
}

#[test]
fn a_sealed_value_opens_only_where_it_belongs() {
    let key = key(1);
    let sealed = key.seal(&SystemRandom, b"apps/1/secret", b"hunter2");
    assert_eq!(key.open(b"apps/1/secret", &sealed).unwrap().expose(), b"hunter2");
    assert_eq!(key.open(b"apps/2/secret", &sealed).unwrap_err(), SealError::Damaged);
    assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
}

#[test]
fn the_same_value_is_never_sealed_the_same_twice() {
    let key = key(1);
    assert_ne!(key.seal(&SystemRandom, b"", b"x"), key.seal(&SystemRandom, b"", b"x"));
}

#[test]
fn another_master_key_is_named_as_the_cause() {
    let sealed = key(1).seal(&SystemRandom, b"", b"x");
    assert!(matches!(key(2).open(b"", &sealed), Err(SealError::OtherKey { .. })));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let key = key(1);
    let sealed = key.seal(&SystemRandom, b"", b"some secret");
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut broken = sealed.clone();
            broken[at] ^= 1 << bit;
            assert!(key.open(b"", &broken).is_err(), "byte {at}, bit {bit}");
        }
        assert!(key.open(b"", &sealed[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn hashes_differ_by_purpose_and_by_key() {
    let hash = key(1).keyed_hash("client secret", b"value");
    assert_eq!(hash, key(1).keyed_hash("client secret", b"value"));
    assert_ne!(hash, key(1).keyed_hash("other", b"value"));
    assert_ne!(hash, key(2).keyed_hash("client secret", b"value"));
    assert_ne!(key(1).keyed_hash("ab", b"c"), key(1).keyed_hash("a", b"bc"));
}

#[test]
fn a_key_file_is_made_private_and_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    let made = MasterKey::read_or_create(&path, &SystemRandom).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let sealed = made.seal(&SystemRandom, b"", b"x");
    let read = MasterKey::read_or_create(&path, &SystemRandom).unwrap();
    assert_eq!(read.open(b"", &sealed).unwrap().expose(), b"x");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        MasterKey::parse(&text).unwrap().open(b"", &sealed).unwrap().expose(),
        b"x"
    );
    assert_eq!(format!("{made:?}"), format!("MasterKey(id {})", made.id()));
}

#[test]
fn of_many_that_create_a_key_file_at_once_all_get_the_same_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    let hashes: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    MasterKey::read_or_create(&path, &SystemRandom)
                        .unwrap()
                        .keyed_hash("a", b"b")
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_key_file_that_others_may_read_is_refused_with_the_command_to_mend_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    MasterKey::read_or_create(&path, &SystemRandom).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let refused = MasterKey::read_or_create(&path, &SystemRandom).unwrap_err();
    assert!(refused.to_string().contains("mode 640"), "{refused}");
    assert!(refused.to_string().contains("chmod 600"), "{refused}");
}

#[test]
fn a_key_file_that_is_no_key_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    for content in ["", "short", &"x".repeat(64), &"A".repeat(2000)] {
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(MasterKey::read(&path).unwrap_err(), SealError::Malformed);
    }
    let missing = MasterKey::read(&directory.path().join("none")).unwrap_err();
    assert!(matches!(missing, SealError::File { .. }));
}

#[test]
fn ids_sort_by_time() {
    let earlier = new_id(START, &SystemRandom);
    let later = new_id(START + 1.millisecond(), &SystemRandom);
    assert!(earlier < later);
    assert_eq!(earlier.get_version_num(), 7);
}

#[test]
fn a_ticket_comes_back_from_its_text_and_never_shows_its_secret() {
    let ticket = Ticket::new(START, &SystemRandom);
    let text = ticket.encode();
    assert_eq!(text.len(), 64);
    let read = Ticket::parse(&text).unwrap();
    assert_eq!(read.id(), ticket.id());
    assert!(read.matches(&ticket.digest()));
    assert!(!read.matches(&Ticket::for_id(ticket.id(), &SystemRandom).digest()));
    assert!(!read.matches(&ticket.digest()[..31]));
    assert!(format!("{ticket:?}").contains("[secret]"));
}

#[test]
fn a_successor_is_always_the_same_and_needs_the_master_key() {
    let ticket = Ticket::new(START, &SystemRandom);
    let successor = ticket.successor(&key(1));
    assert_eq!(successor.encode(), ticket.successor(&key(1)).encode());
    assert_ne!(successor.encode(), ticket.successor(&key(2)).encode());
    assert_ne!(successor.encode(), ticket.encode());
    assert_eq!(successor.id(), ticket.id());
}

struct Counter;

impl Random for Counter {
    fn fill(&self, out: &mut [u8]) {
        for (byte, value) in out.iter_mut().zip(0..) {
            *byte = value;
        }
    }
}

#[test]
fn randomness_is_the_callers() {
    assert_eq!(
        Ticket::new(START, &Counter).encode(),
        Ticket::new(START, &Counter).encode()
    );
}

proptest! {
    #[test]
    fn parsing_a_ticket_never_panics_and_accepts_one_spelling(text in ".{0,80}") {
        if let Some(ticket) = Ticket::parse(&text) {
            prop_assert_eq!(ticket.encode(), text);
        }
    }

    #[test]
    fn every_ticket_has_one_spelling(bytes in proptest::array::uniform32(any::<u8>())) {
        struct Fixed([u8; 32]);
        impl Random for Fixed {
            fn fill(&self, out: &mut [u8]) {
                let length = out.len();
                out.copy_from_slice(&self.0[..length]);
            }
        }
        let ticket = Ticket::new(START, &Fixed(bytes));
        prop_assert_eq!(Ticket::parse(&ticket.encode()).unwrap().encode(), ticket.encode());
    }

    #[test]
    fn opening_foreign_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(key(1).open(b"", &bytes).is_err());
    }
}

#[test]
fn a_key_file_is_never_longer_than_what_is_read_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    MasterKey::read_or_create(&path, &SystemRandom).unwrap();
    let mut lines = 1;
    let refused = loop {
        match MasterKey::renew_file(&path, &SystemRandom) {
            Ok(_) => lines += 1,
            Err(refused) => break refused,
        }
    };
    assert_eq!((lines, refused), (91, SealError::TooLong { path: path.clone() }));
    let kept = MasterKey::read(&path).unwrap().id();
    let only = MasterKey::forget_older(&path, kept, &SystemRandom).unwrap();
    assert_eq!(only.id(), kept);
    MasterKey::renew_file(&path, &SystemRandom).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);

    let long = "x".repeat(4097);
    std::fs::write(&path, &long).unwrap();
    assert_eq!(
        MasterKey::read(&path).unwrap_err(),
        SealError::TooLong { path: path.clone() }
    );
    assert!(MasterKey::renew_file(&path, &SystemRandom).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), long);
}

#[test]
fn no_key_is_left_in_the_file_but_the_one_that_was_meant() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    let old = MasterKey::read_or_create(&path, &SystemRandom).unwrap().id();
    let new = MasterKey::renew_file(&path, &SystemRandom).unwrap().id();
    let before = std::fs::read(&path).unwrap();
    let refused = MasterKey::forget_older(&path, old, &SystemRandom).unwrap_err();
    assert!(
        matches!(refused, SealError::Changed { first, kept, .. } if (first, kept) == (new, old)),
        "{refused:?}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_was_never_finished_goes_and_nothing_else_does() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    let path = file("master.key");
    MasterKey::read_or_create(&path, &SystemRandom).unwrap();
    MasterKey::renew_file(&path, &SystemRandom).unwrap();
    assert_eq!(
        std::fs::read_dir(directory.path()).unwrap().count(),
        1,
        "nothing lies about"
    );
    let kept = [
        "doorward.db",
        "master.key.bak",
        "master.key.0123456789ABCDEF",
        "other.key.0123456789abcdef",
    ];
    for name in kept.iter().chain(&["master.key.0123456789abcdef"]) {
        std::fs::write(file(name), "x").unwrap();
    }
    MasterKey::remove_leftovers(&path).unwrap();
    assert!(!file("master.key.0123456789abcdef").exists());
    assert!(kept.iter().all(|name| file(name).exists()) && path.exists());
}
