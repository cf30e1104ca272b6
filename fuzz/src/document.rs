//! Orders with something wrong, made from real ones by a recipe of bytes.

use arbitrary::{Result, Unstructured};
use serde_json::Value;
use std::borrow::Cow;

const SAMPLE: &str = include_str!("../../tests/data/documented-sample.json");
const NORTHWIND: &str = include_str!("../../tests/data/northwind-orders.json");

/// Values that a rule or a reader of JSON has to think about, as they stand in the text.
const VALUES: &[&str] = &[
    "null",
    "true",
    "-0",
    "0",
    "1e999",
    "1E-9",
    "0.30000000000000004",
    "12345678901234567890123",
    "6830",
    "36830",
    "\"\"",
    "\" \"",
    "\"12.50\"",
    "\"US\"",
    "\"UK\"",
    "\"us\"",
    "\"CA\"",
    "\"AU\"",
    "\"Alabama\"",
    "\"Qu\u{e9}bec\"",
    "\"\\u0041L\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"E\"",
    "\"eCom\"",
    "\"USD\"",
    "\"2022-02-07T01:20:00Z\"",
    "\"2022-02-07T01:20:00.000Z\"",
    "\"2022-02-07T03:20:00.5+02:00\"",
    "\"2022-02-30T00:00:00Z\"",
    "\"0000-01-01T00:00:00-23:59\"",
    "\"9999-12-31T23:59:60-01:00\"",
    "[]",
    "{}",
    "[[[]]]",
    "[\"a\",\"b\",\"c\",\"d\"]",
    "{\"fee\":1,\"fee\":2}",
];

/// Names that the tables know or nearly know.
const NAMES: &[&str] = &[
    "orders",
    "clientId",
    "clientOrderId",
    "createDate",
    "CreateDate",
    "orderLines",
    "orderedQuantity",
    "orderCharges",
    "taxDetails",
    "fee",
    "toAddress",
    "adressLines",
    "postalCode",
    "countryCode",
    "stateProvince",
    "isGift",
    "paymentDetails",
    "brand",
    "references",
    "clie\\u006etId",
    "\\ud800",
    "",
];

/// A value whose scalars and names are kept as the text they are written with, so that there can be bad ones too.
#[derive(Clone)]
enum Node {
    Scalar(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Node {
    fn of(value: &Value) -> Self {
        match value {
            Value::Array(values) => Self::List(values.iter().map(Self::of).collect()),
            Value::Object(members) => {
                let text = |name: &String| Value::from(name.as_str()).to_string().trim_matches('"').to_owned();
                Self::Object(members.iter().map(|(name, value)| (text(name), Self::of(value))).collect())
            }
            scalar => Self::Scalar(scalar.to_string()),
        }
    }

    fn write(&self, out: &mut String, blank: &str) {
        let (open, close) = match self {
            Self::Scalar(text) => return out.push_str(text),
            Self::List(_) => ('[', ']'),
            Self::Object(_) => ('{', '}'),
        };
        out.push(open);
        let nameless: Vec<(Option<&String>, &Self)> = match self {
            Self::Object(members) => members.iter().map(|(name, node)| (Some(name), node)).collect(),
            Self::List(nodes) => nodes.iter().map(|node| (None, node)).collect(),
            Self::Scalar(_) => Vec::new(),
        };
        for (index, (name, node)) in nameless.into_iter().enumerate() {
            out.push_str(if index > 0 { "," } else { "" });
            out.push_str(blank);
            if let Some(name) = name {
                out.extend(["\"", name, "\"", blank, ":", blank]);
            }
            node.write(out, blank);
        }
        out.push_str(blank);
        out.push(close);
    }

    fn change(&mut self, recipe: &mut Unstructured<'_>) -> Result<()> {
        // Down to some depth, then something is done to what is there.
        let deeper = recipe.ratio(4u8, 5u8)?;
        match self {
            Self::List(nodes) if deeper && !nodes.is_empty() => {
                let index = recipe.choose_index(nodes.len())?;
                nodes[index].change(recipe)
            }
            Self::Object(members) if deeper && !members.is_empty() => {
                let index = recipe.choose_index(members.len())?;
                members[index].1.change(recipe)
            }
            Self::List(nodes) => {
                let index = recipe.choose_index(nodes.len().max(1))?;
                match recipe.int_in_range(0..=2)? {
                    0 if index < nodes.len() => drop(nodes.remove(index)),
                    1 if index < nodes.len() => nodes.push(nodes[index].clone()),
                    _ => nodes.insert(index, value(recipe)?),
                }
                Ok(())
            }
            Self::Object(members) => {
                let index = recipe.choose_index(members.len().max(1))?;
                match recipe.int_in_range(0..=3)? {
                    0 if index < members.len() => drop(members.remove(index)),
                    1 if index < members.len() => members.push(members[index].clone()),
                    2 if index < members.len() => members[index].0 = (*recipe.choose(NAMES)?).to_owned(),
                    _ => members.insert(index, ((*recipe.choose(NAMES)?).to_owned(), value(recipe)?)),
                }
                Ok(())
            }
            Self::Scalar(_) => {
                *self = value(recipe)?;
                Ok(())
            }
        }
    }
}

/// A value: one of the list, or a string or a number of its own.
fn value(recipe: &mut Unstructured<'_>) -> Result<Node> {
    Ok(Node::Scalar(match recipe.int_in_range(0..=5)? {
        0 => Value::from(recipe.arbitrary::<&str>()?).to_string(),
        1 => recipe.arbitrary::<i32>()?.to_string(),
        2 => format!("{}.{:02}", recipe.arbitrary::<u16>()?, recipe.int_in_range(0..=99)?),
        3 => format!("\"{}\"", "\u{1f381}".repeat(recipe.int_in_range(0..=130)?)),
        _ => (*recipe.choose(VALUES)?).to_owned(),
    }))
}

fn orders(recipe: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    thread_local! {
        static REAL: Vec<Node> = {
            let list = |text| -> Vec<Node> {
                let value: Value = serde_json::from_str(text).unwrap();
                value["orders"].as_array().unwrap_or_else(|| value.as_array().unwrap()).iter().map(Node::of).collect()
            };
            let mut orders = list(SAMPLE);
            orders.extend(list(NORTHWIND).into_iter().step_by(40));
            orders
        };
    }
    let mut orders = Vec::new();
    for _ in 0..recipe.int_in_range(1..=3)? {
        let count = REAL.with(Vec::len);
        let index = recipe.choose_index(count)?;
        orders.push(REAL.with(|real| real[index].clone()));
    }
    let mut root = Node::List(orders);
    // An empty recipe says yes for ever.
    while !recipe.is_empty() && recipe.ratio(7u8, 8u8)? {
        root.change(recipe)?;
    }
    if recipe.ratio(3u8, 4u8)? {
        root = Node::Object(vec![("orders".into(), root)]);
    }
    let mut text = String::new();
    root.write(&mut text, recipe.choose(&["", " ", "\n\t", "\r\n"])?);
    Ok(text.into_bytes())
}

/// The document that an input stands for.
pub fn of(data: &[u8]) -> Cow<'_, [u8]> {
    match data.split_first() {
        Some((0, recipe)) => Cow::Owned(orders(&mut Unstructured::new(recipe)).unwrap_or_default()),
        _ => Cow::Borrowed(data),
    }
}
