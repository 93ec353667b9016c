//! The first and the last value of each group, null or not, of any type.
//!
//! In: values of any type. Out: one of each group.
//!
//! Values are taken from pieces into a log, and each group knows its place in it. Of the last, the log has values that were overtaken; it is
//! written anew when they are most of it.

use super::super::AggSpec;
use super::super::slots::{EMPTY, grow};
use super::{Ids, State, same};
use crate::error::Error;
use crate::few::lean;
use polars_core::prelude::{IdxCa, IntoColumn, PlSmallStr, Series};

struct Picked {
    spec: AggSpec,
    last: bool,
    log: Series,
    /// Where in the log each group's value is; [`EMPTY`] for a group without rows.
    places: Vec<u32>,
    /// Rows of a piece; kept for its memory.
    rows: Vec<u32>,
}

/// A log this much longer than there are groups is written anew.
const OVERTAKEN_MAX: usize = 1 << 14;

pub(super) fn of(spec: AggSpec, last: bool) -> Box<dyn State> {
    let log = Series::new_empty(spec.name.clone(), &spec.dtype);
    Box::new(Picked { spec, last, log, places: Vec::new(), rows: Vec::new() })
}

fn taken(series: &Series, places: Vec<u32>) -> Result<Series, Error> {
    let places = IdxCa::from_vec(PlSmallStr::EMPTY, places);
    let values = series.take(&places).map_err(Error::polars)?.into_column();
    // Texts of the piece that are not among them are let go.
    Ok(lean(&values).unwrap_or(values).take_materialized_series())
}

/// With nulls for [`EMPTY`].
fn taken_or_null(series: &Series, places: &[u32]) -> Result<Series, Error> {
    if !places.contains(&EMPTY) {
        return taken(series, places.to_vec());
    }
    let places = places.iter().map(|&place| (place != EMPTY).then_some(place));
    series.take(&places.collect::<IdxCa>()).map_err(Error::polars)
}

impl Picked {
    fn append(&mut self, values: &Series) -> Result<(), Error> {
        self.log.append(values).map_err(Error::polars)?;
        if self.log.n_chunks() > 64 {
            self.log = self.log.rechunk();
        }
        Ok(())
    }

    /// The last value of each group of a piece goes to the end of the log.
    fn update_last(&mut self, ids: Ids<'_>, values: &Series) -> Result<(), Error> {
        let start = self.log.len() as u32;
        self.rows.clear();
        // Backwards, the first row of a group that is seen is its last; its place is the one after those found so far.
        for row in (0..ids.len()).rev() {
            let place = &mut self.places[ids.at(row)];
            if *place == EMPTY || *place < start {
                *place = start + self.rows.len() as u32;
                self.rows.push(row as u32);
                if matches!(ids, Ids::One(_)) {
                    break;
                }
            }
        }
        let values = taken(values, self.rows.clone())?;
        self.append(&values)?;
        self.compact()
    }

    fn compact(&mut self) -> Result<(), Error> {
        if self.log.len() < 2 * self.places.len() + OVERTAKEN_MAX {
            return Ok(());
        }
        let mut places = Vec::with_capacity(self.places.len());
        for place in self.places.iter_mut().filter(|place| **place != EMPTY) {
            places.push(*place);
            *place = places.len() as u32 - 1;
        }
        self.log = taken(&self.log.rechunk(), places)?;
        Ok(())
    }
}

impl State for Picked {
    fn cover(&mut self, groups: usize) {
        grow(&mut self.places, groups, EMPTY);
    }

    fn update(&mut self, ids: Ids<'_>, before: usize, values: &Series) -> Result<(), Error> {
        if self.last {
            return self.update_last(ids, values);
        }
        let start = self.log.len() as u32;
        self.rows.clear();
        match ids {
            Ids::One(rows) if rows > 0 && self.places[0] == EMPTY => self.rows.push(0),
            ids => ids.firsts(before, |row| self.rows.push(row as u32)),
        }
        for (at, &row) in self.rows.iter().enumerate() {
            self.places[ids.at(row as usize)] = start + at as u32;
        }
        if !self.rows.is_empty() {
            let values = taken(values, self.rows.clone())?;
            self.append(&values)?;
        }
        Ok(())
    }

    fn merge(&mut self, later: Box<dyn State>, _: usize, map: &[u32]) -> Result<(), Error> {
        let later = same::<Self>(later);
        let start = self.log.len() as u32;
        let mut places = Vec::new();
        for (&place, &group) in later.places.iter().zip(map) {
            let mine = &mut self.places[group as usize];
            if place != EMPTY && (self.last || *mine == EMPTY) {
                *mine = start + places.len() as u32;
                places.push(place);
            }
        }
        let values = taken(&later.log, places)?;
        self.append(&values)?;
        self.compact()
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let places = groups.iter().map(|&group| self.places[group as usize]).collect();
        let (spec, log) = (self.spec.clone(), self.log.clone());
        let mut picked = Picked { spec, last: self.last, log, places, rows: Vec::new() };
        // A failure here would come again at the end.
        let _ = picked.compact();
        Box::new(picked)
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        taken_or_null(&self.log, &self.places)
    }

    fn bytes(&self) -> usize {
        self.log.estimated_size() + self.places.capacity() * 4
    }
}
