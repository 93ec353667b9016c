//! What is measured: the jobs, who stands beside each, and how many times quicker and in how much memory ours is to be.
//!
//! Not here: how a job is done, which is said in `ours` and, by the same names, in `baseline.py`.

/// Ours and theirs.
pub const THREADS: usize = 2;

/// A row of the table.
pub struct Job {
    /// Its name on the command line and in `baseline.py`.
    pub name: &'static str,
    /// What is computed.
    pub title: &'static str,
    /// So many columns of the result are its key, the first ones.
    pub keys: usize,
    pub peers: &'static [Peer],
    /// The goal for the peak of resident memory, of the whole process.
    pub peak_mib: f64,
}

/// Another library.
#[derive(Clone, Copy)]
pub struct Peer {
    /// As `baseline.py` calls it.
    pub name: &'static str,
    /// How many times quicker ours is to be, if that is a goal.
    pub goal: Option<f64>,
}

const fn peer(name: &'static str, goal: f64) -> Peer {
    Peer { name, goal: Some(goal) }
}

/// Without a goal.
const fn also(name: &'static str) -> Peer {
    Peer { name, goal: None }
}

const MEMORY: Peer = also("polars-memory");
const USECOLS: Peer = also("dask-usecols");
const PANDAS: Peer = also("pandas");

/// All jobs.
pub static ALL: &[Job] = &[
    Job {
        name: "J1",
        title: "CSV: group by carrier, mean delay",
        keys: 1,
        peers: &[
            peer("polars", 2.5),
            peer("duckdb", 4.0),
            peer("dask", 8.0),
            MEMORY,
            USECOLS,
            PANDAS,
        ],
        peak_mib: 100.0,
    },
    Job {
        name: "J2",
        title: "CSV: the delayed, group by two keys, mean, count and deviation",
        keys: 2,
        peers: &[
            peer("polars", 2.5),
            peer("duckdb", 4.0),
            peer("dask", 7.0),
            MEMORY,
            USECOLS,
            PANDAS,
        ],
        peak_mib: 100.0,
    },
    Job {
        name: "J3",
        title: "CSV: parse times, mean of each week",
        keys: 1,
        peers: &[
            peer("polars", 2.5),
            peer("duckdb", 6.0),
            peer("dask", 20.0),
            MEMORY,
            USECOLS,
            PANDAS,
        ],
        peak_mib: 100.0,
    },
    Job {
        name: "J4",
        title: "CSV: greatest mean of 100 rows in a row",
        keys: 0,
        peers: &[peer("polars", 2.0), peer("duckdb", 8.0), MEMORY, PANDAS],
        peak_mib: 150.0,
    },
    Job {
        name: "J5",
        title: "Parquet: J1",
        keys: 1,
        peers: &[peer("polars", 1.0), peer("duckdb", 0.5), peer("dask", 3.0), MEMORY, PANDAS],
        peak_mib: 150.0,
    },
    Job {
        name: "J6",
        title: "Parquet: group by plane and day, 8 million groups",
        keys: 2,
        peers: &[peer("polars", 1.0), peer("duckdb", 0.7), peer("dask", 4.0), MEMORY, PANDAS],
        peak_mib: 1.2 * 1024.0,
    },
    Job {
        name: "J7",
        title: "CSV: join with planes, group by manufacturer",
        keys: 1,
        peers: &[
            peer("polars", 1.5),
            peer("duckdb", 2.0),
            peer("dask", 4.0),
            MEMORY,
            USECOLS,
            PANDAS,
        ],
        peak_mib: 250.0,
    },
];
