//! Days and months of the Gregorian calendar, counted from January 1970.
//!
//! In: days since 1970-01-01, or months since January 1970. Out: the other one. The two functions are `civil_from_days` and
//! `days_from_civil` of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013): a year begins in March, so that the leap day
//! is its last one, and 400 years are an era.

const DAYS_AN_ERA: i64 = 146_097;
/// From 0000-03-01 to 1970-01-01.
const TO_1970: i64 = 719_468;

/// The month in which `day` is.
pub(super) fn month_of(day: i64) -> i64 {
    let day = day + TO_1970;
    let (era, of_era) = (day.div_euclid(DAYS_AN_ERA), day.rem_euclid(DAYS_AN_ERA));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    // From March on.
    let month = (5 * of_year + 2) / 153;
    (era * 400 + year - 1970) * 12 + month + 2
}

/// The first day of `month`.
pub(super) fn first_day_of(month: i64) -> i64 {
    // From March of the year 0 on.
    let months = month - 2 + 1970 * 12;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5;
    era * DAYS_AN_ERA + year * 365 + year / 4 - year / 100 + of_year - TO_1970
}
