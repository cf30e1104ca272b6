//! States and provinces, and the forms of postal codes, by country.

use super::codes::Country;

/// Codes and names of the country's states or provinces, if they are checked: US, CA, AU.
pub(super) const fn states(country: Country) -> Option<&'static [&'static str]> {
    match &country {
        b"US" => Some(US),
        b"CA" => Some(CA),
        b"AU" => Some(AU),
        _ => None,
    }
}

/// The usual forms of the country's postal codes, if they are known: `9` a digit, `A` a letter, `?` either, `_` a space or
/// nothing.
pub(super) fn postal_forms(country: Country) -> Option<&'static str> {
    // A country is its two letters and a blank, if another follows.
    let is = |known: &[u8]| matches!(known, [a, b, ..] if [*a, *b] == country);
    let of = |countries: &str| countries.as_bytes().chunks(3).any(is);
    POSTAL.iter().find(|(_, countries)| of(countries)).map(|(forms, _)| *forms)
}

/// The forms, and the countries that have them.
const POSTAL: &[(&str, &str)] = &[
    ("99999 99999-9999", "US"),
    ("9999", "AT AU BE BG CH DK HU LU NO NZ PH SI VE ZA"),
    ("99999", "DE EE ES FI FR HR ID IT KR MX MY PE TH TR UA"),
    ("99-999", "PL"),
    ("999999", "CN CO RO RU SG"),
    ("999_99", "CZ GR SE SK"),
    ("9999_AA", "NL"),
    ("999_999", "IN"),
    ("A9A_9A9", "CA"),
    ("9999-999", "PT"),
    ("A9?_????", "IE"),
    ("9999 A9999AAA", "AR"),
    ("999-9999 9999999", "JP"),
    ("9999999 999-9999", "CL"),
    ("99999-999 99999999", "BR"),
    ("A9_9AA A99_9AA AA9_9AA AA99_9AA A9A_9AA AA9A_9AA", "GB"),
];

const US: &[&str] = &[
    "AL Alabama",
    "AK Alaska",
    "AZ Arizona",
    "AR Arkansas",
    "CA California",
    "CO Colorado",
    "CT Connecticut",
    "DE Delaware",
    "DC District of Columbia",
    "FL Florida",
    "GA Georgia",
    "HI Hawaii",
    "ID Idaho",
    "IL Illinois",
    "IN Indiana",
    "IA Iowa",
    "KS Kansas",
    "KY Kentucky",
    "LA Louisiana",
    "ME Maine",
    "MD Maryland",
    "MA Massachusetts",
    "MI Michigan",
    "MN Minnesota",
    "MS Mississippi",
    "MO Missouri",
    "MT Montana",
    "NE Nebraska",
    "NV Nevada",
    "NH New Hampshire",
    "NJ New Jersey",
    "NM New Mexico",
    "NY New York",
    "NC North Carolina",
    "ND North Dakota",
    "OH Ohio",
    "OK Oklahoma",
    "OR Oregon",
    "PA Pennsylvania",
    "RI Rhode Island",
    "SC South Carolina",
    "SD South Dakota",
    "TN Tennessee",
    "TX Texas",
    "UT Utah",
    "VT Vermont",
    "VA Virginia",
    "WA Washington",
    "WV West Virginia",
    "WI Wisconsin",
    "WY Wyoming",
    "AS American Samoa",
    "GU Guam",
    "MP Northern Mariana Islands",
    "PR Puerto Rico",
    "VI Virgin Islands",
    "AA Armed Forces Americas",
    "AE Armed Forces Europe",
    "AP Armed Forces Pacific",
];

const CA: &[&str] = &[
    "AB Alberta",
    "BC British Columbia",
    "MB Manitoba",
    "NB New Brunswick",
    "NL Newfoundland and Labrador",
    "NS Nova Scotia",
    "NT Northwest Territories",
    "NU Nunavut",
    "ON Ontario",
    "PE Prince Edward Island",
    "QC Québec",
    "QC Quebec",
    "SK Saskatchewan",
    "YT Yukon",
];

const AU: &[&str] = &[
    "ACT Australian Capital Territory",
    "NSW New South Wales",
    "NT Northern Territory",
    "QLD Queensland",
    "SA South Australia",
    "TAS Tasmania",
    "VIC Victoria",
    "WA Western Australia",
];
