//! The source that a type reads from: it notes what is asked, and answers.

use std::cell::RefCell;

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor},
};

use serde_json::Value;

use super::{Asked, Fact, Problem, Run, TEXTS, at, samples};

/// One place of what is read.
pub(super) struct Source<'a> {
    pub(super) run: &'a RefCell<Run>,
    pub(super) place: String,
    pub(super) parent: Option<usize>,
    pub(super) omitted: Option<&'a str>,
}

impl<'a> Source<'a> {
    fn note(&self, fact: Fact) {
        self.run.borrow_mut().facts.entry(self.place.clone()).or_insert(fact);
    }

    /// Which answer it is to be, and where that stands among what was asked.
    fn choose(&self, suffix: &str, answers: usize, is_optional: bool) -> (usize, usize) {
        let mut run = self.run.borrow_mut();
        let key = format!("{}{suffix}", self.place);
        let chosen = run.choices.get(&key).copied().unwrap_or_default();
        let asked = Asked {
            key,
            answers,
            is_optional,
            parent: self.parent,
        };
        run.visited.push(asked);
        (chosen, run.visited.len() - 1)
    }

    fn inner(&self, place: String, parent: usize) -> Source<'a> {
        Source {
            run: self.run,
            place,
            parent: Some(parent),
            omitted: self.omitted,
        }
    }

    fn whole<'de, V: Visitor<'de>>(&self, least: Option<u64>, visitor: V) -> Result<V::Value, Problem> {
        self.note(Fact::Whole(least));
        let (chosen, _) = self.choose("", 3, false);
        visitor.visit_u64([0, 1, 30].get(chosen).copied().unwrap_or_default())
    }

    fn text<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Problem> {
        self.note(Fact::Text);
        let (chosen, _) = self.choose("", TEXTS.len(), false);
        visitor.visit_str(TEXTS.get(chosen).copied().unwrap_or_default())
    }
}

macro_rules! answered {
    ($($method:ident: $answer:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            $answer(&self, visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Source<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.note(Fact::Any(Vec::new()));
        let samples = samples();
        let (chosen, _) = self.choose("", samples.len(), false);
        let sample = samples.into_iter().nth(chosen).unwrap_or_default();
        sample.deserialize_any(visitor).map_err(de::Error::custom)
    }

    answered! {
        deserialize_bool: |source: &Self, visitor: V| { source.note(Fact::Flag); visitor.visit_bool(false) };
        deserialize_u8: |source: &Self, visitor: V| source.whole(Some(0), visitor);
        deserialize_u16: |source: &Self, visitor: V| source.whole(Some(0), visitor);
        deserialize_u32: |source: &Self, visitor: V| source.whole(Some(0), visitor);
        deserialize_u64: |source: &Self, visitor: V| source.whole(Some(0), visitor);
        deserialize_i8: |source: &Self, visitor: V| source.whole(None, visitor);
        deserialize_i16: |source: &Self, visitor: V| source.whole(None, visitor);
        deserialize_i32: |source: &Self, visitor: V| source.whole(None, visitor);
        deserialize_i64: |source: &Self, visitor: V| source.whole(None, visitor);
        deserialize_f32: |source: &Self, visitor: V| { source.note(Fact::Number); visitor.visit_f64(0.5) };
        deserialize_f64: |source: &Self, visitor: V| { source.note(Fact::Number); visitor.visit_f64(0.5) };
        deserialize_char: |source: &Self, visitor: V| source.text(visitor);
        deserialize_str: |source: &Self, visitor: V| source.text(visitor);
        deserialize_string: |source: &Self, visitor: V| source.text(visitor);
        deserialize_bytes: |source: &Self, visitor: V| source.text(visitor);
        deserialize_byte_buf: |source: &Self, visitor: V| source.text(visitor);
        deserialize_identifier: |source: &Self, visitor: V| source.text(visitor);
        deserialize_unit: |_: &Self, visitor: V| visitor.visit_unit();
        deserialize_ignored_any: |_: &Self, visitor: V| visitor.visit_unit();
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let (chosen, number) = self.choose("?", 2, true);
        if chosen > 0 {
            return visitor.visit_none();
        }
        visitor.visit_some(self.inner(self.place.clone(), number))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.note(Fact::List);
        let (chosen, number) = self.choose("[", 2, true);
        let left = (chosen == 0).then(|| self.inner(format!("{}[]", self.place), number));
        visitor.visit_seq(Members(left))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let tables: Vec<Value> = samples().into_iter().filter(Value::is_object).collect();
        let (chosen, number) = self.choose("{", 2 + tables.len(), true);
        match chosen {
            0 => {
                self.note(Fact::Map);
                let entry = self.inner(format!("{}{{}}", self.place), number);
                visitor.visit_map(Fields {
                    left: vec![("a", entry)],
                    next: None,
                })
            }
            1 => visitor.visit_map(Fields {
                left: Vec::new(),
                next: None,
            }),
            other => {
                // It took neither any entry nor none: it wants a table of a kind of its own.
                self.run.borrow_mut().facts.insert(self.place.clone(), Fact::Table);
                let table = tables.into_iter().nth(other - 2).unwrap_or_default();
                table.deserialize_any(visitor).map_err(de::Error::custom)
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.note(Fact::Struct(fields.to_vec(), Vec::new()));
        let left = fields
            .iter()
            .rev()
            .map(|field| (*field, at(&self.place, field)))
            .filter(|(_, place)| self.omitted != Some(place.as_str()))
            .map(|(field, place)| {
                let source = Source {
                    run: self.run,
                    place,
                    parent: self.parent,
                    omitted: self.omitted,
                };
                (field, source)
            })
            .collect();
        visitor.visit_map(Fields { left, next: None })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let words = variants.iter().map(|word| (*word, false)).collect();
        self.note(Fact::Choice(words));
        let (chosen, number) = self.choose("", variants.len(), false);
        let word = variants.get(chosen).copied().unwrap_or_default();
        visitor.visit_enum(Variant {
            word,
            source: self,
            number,
        })
    }
}

struct Members<'a>(Option<Source<'a>>);

impl<'de> SeqAccess<'de> for Members<'_> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        self.0.take().map(|source| seed.deserialize(source)).transpose()
    }
}

/// Fields, the last one first.
struct Fields<'a> {
    left: Vec<(&'static str, Source<'a>)>,
    next: Option<Source<'a>>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        let Some((field, source)) = self.left.pop() else {
            return Ok(None);
        };
        self.next = Some(source);
        let key: de::value::StrDeserializer<'_, Problem> = field.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Problem> {
        match self.next.take() {
            Some(source) => seed.deserialize(source),
            None => Err(de::Error::custom("a value before its key")),
        }
    }
}

struct Variant<'a> {
    word: &'static str,
    source: Source<'a>,
    number: usize,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Problem;
    type Variant = Held<'a>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Held<'a>), Problem> {
        let word: de::value::StrDeserializer<'_, Problem> = self.word.into_deserializer();
        let value = seed.deserialize(word)?;
        Ok((value, Held(self)))
    }
}

/// What a variant holds.
struct Held<'a>(Variant<'a>);

impl<'a> Held<'a> {
    fn source(self) -> Source<'a> {
        let Variant { word, source, number } = self.0;
        if let Some(Fact::Choice(words)) = source.run.borrow_mut().facts.get_mut(&source.place) {
            for one in words.iter_mut().filter(|one| one.0 == word) {
                one.1 = true;
            }
        }
        source.inner(at(&source.place, word), number)
    }
}

impl<'de> VariantAccess<'de> for Held<'_> {
    type Error = Problem;

    fn unit_variant(self) -> Result<(), Problem> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Problem> {
        seed.deserialize(self.source())
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Problem> {
        self.source().deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Problem> {
        self.source().deserialize_struct("", fields, visitor)
    }
}
