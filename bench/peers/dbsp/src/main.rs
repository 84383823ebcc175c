//! The `dbsp` crate as a contestant: does the works of ../../../src/player/bulk-works.ts and disk-works.ts over
//! stdin/stdout, one line each way.
//!
//! `dbsp-peer DATA [STORAGE]`: DATA holds the files of workloads; with STORAGE everything is on disk.
//! Requests: `open CASE KIND N` · `run` · `check` · `close` · `exit`; answers are a line of JSON.
use std::{
    alloc::{GlobalAlloc, Layout},
    fs,
    hint::black_box,
    io::{stdin, BufRead, Write},
    sync::{
        atomic::{AtomicBool, AtomicIsize, Ordering::Relaxed},
        Arc,
    },
    time::{Duration, Instant},
};

use dbsp::{
    circuit::{CircuitConfig, CircuitStorageConfig, StorageCacheConfig, StorageConfig, StorageOptions},
    dynamic::{DowncastTrait, DynData, Erase},
    mimalloc::MiMalloc,
    storage::backend::StoragePath,
    trace::{
        cursor::CursorList, Batch as DynBatch, BatchReader as DynBatchReader, Builder as _, Cursor, ListMerger, Spine,
        Trace as _,
    },
    typed_batch::BatchReader as TypedBatchReader,
    utils::Tup2,
    DBData, DynZWeight, OrdIndexedZSet, Runtime, ZWeight,
};
use futures::executor::block_on;

/// Feldera's benchmarks run with mimalloc. Counting is switched on for the case `memory` only.
struct Counting(MiMalloc);
static COUNTS: AtomicBool = AtomicBool::new(false);
static BYTES: AtomicIsize = AtomicIsize::new(0);
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            BYTES.fetch_add(layout.size() as isize, Relaxed);
        }
        self.0.alloc(layout)
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        if COUNTS.load(Relaxed) {
            BYTES.fetch_sub(layout.size() as isize, Relaxed);
        }
        self.0.dealloc(ptr, layout)
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            BYTES.fetch_add(layout.size() as isize, Relaxed);
        }
        self.0.alloc_zeroed(layout)
    }
    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            BYTES.fetch_add(size as isize - layout.size() as isize, Relaxed);
        }
        self.0.realloc(ptr, layout, size)
    }
}
#[global_allocator]
static ALLOC: Counting = Counting(MiMalloc);

type Z<K> = OrdIndexedZSet<K, i32>;
type Inner = <Z<i32> as TypedBatchReader>::Inner;
type Row<K> = Tup2<Tup2<K, i32>, ZWeight>;
type Factories = <Inner as DynBatchReader>::Factories;

trait Key: DBData + Erase<DynData> {
    /// The number that it was made of, for checksums.
    fn word(&self) -> u32;
    /// What a scan adds up.
    fn addend(&self) -> i64;
    fn read(path: &str) -> Vec<Self>;
}
impl Key for i32 {
    fn word(&self) -> u32 {
        *self as u32
    }
    fn addend(&self) -> i64 {
        *self as i64
    }
    fn read(path: &str) -> Vec<Self> {
        read_i32(path)
    }
}
impl Key for String {
    fn word(&self) -> u32 {
        self[5..].parse().unwrap()
    }
    fn addend(&self) -> i64 {
        self.as_bytes()[12] as i64
    }
    fn read(path: &str) -> Vec<Self> {
        fs::read(path).unwrap().chunks_exact(13).map(|c| String::from_utf8(c.to_vec()).unwrap()).collect()
    }
}

fn read_i32(path: &str) -> Vec<i32> {
    fs::read(path).unwrap().chunks_exact(4).map(|c| i32::from_le_bytes(c.try_into().unwrap())).collect()
}

fn mix(sum: u32, word: u32) -> u32 {
    let mixed = ((sum << 5) ^ (sum >> 27) ^ word).wrapping_mul(0x9e3779b1);
    mixed ^ (mixed >> 15)
}

/// CPU seconds of the process, all threads.
fn cpu() -> f64 {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

#[derive(Clone, Copy)]
struct Clock(Instant, f64);
impl Clock {
    fn start() -> Clock {
        Clock(Instant::now(), cpu())
    }
    fn stop(&self) -> (f64, f64) {
        (self.0.elapsed().as_secs_f64(), cpu() - self.1)
    }
}

/// What a run gives: wall and CPU seconds, the answer, and more figures.
struct Report {
    time: (f64, f64),
    answer: i64,
    more: Vec<(&'static str, f64)>,
}

trait Case {
    fn run(&mut self) -> Report;
    /// Checksum of the rows in order, or the answer itself where there are none.
    fn check(&mut self) -> i64;
}
struct Both<R: FnMut() -> Report, C: FnMut() -> i64>(R, C);
impl<R: FnMut() -> Report, C: FnMut() -> i64> Case for Both<R, C> {
    fn run(&mut self) -> Report {
        self.0()
    }
    fn check(&mut self) -> i64 {
        self.1()
    }
}

fn scan<K: Key, C: Cursor<DynData, DynData, (), DynZWeight>>(mut c: C) -> i64 {
    let mut sum = 0i64;
    while c.key_valid() {
        let k = unsafe { c.key().downcast::<K>() }.addend();
        while c.val_valid() {
            let v = unsafe { *c.val().downcast::<i32>() } as i64;
            let w = **c.weight();
            sum += k + v + w;
            c.step_val();
        }
        c.step_key();
    }
    sum
}

fn checksum<K: Key, C: Cursor<DynData, DynData, (), DynZWeight>>(mut c: C) -> i64 {
    let mut sum = 0u32;
    while c.key_valid() {
        let k = unsafe { c.key().downcast::<K>() }.word();
        while c.val_valid() {
            let v = unsafe { *c.val().downcast::<i32>() };
            let w = **c.weight();
            sum = mix(mix(mix(sum, k), v as u32), w as i32 as u32);
            c.step_val();
        }
        c.step_key();
    }
    sum as i64
}

/// Adds up weight × (value + 1) of the key that the cursor stands at.
#[inline(always)]
fn values_here<C: Cursor<DynData, DynData, (), DynZWeight>>(c: &mut C) -> i64 {
    let mut sum = 0;
    while c.val_valid() {
        sum += (unsafe { *c.val().downcast::<i32>() } as i64 + 1) * **c.weight();
        c.step_val();
    }
    sum
}

/// Ascending distinct keys with one cursor, as joins do.
fn probe_ascending<K: Key, C: Cursor<DynData, DynData, (), DynZWeight>>(mut c: C, keys: &[K]) -> i64 {
    let mut sum = 0;
    for k in keys {
        if c.seek_key_exact(k.erase(), None) {
            sum += values_here(&mut c);
        }
    }
    sum
}

/// Keys in any order with one cursor that is rewound.
fn probe_random<K: Key, C: Cursor<DynData, DynData, (), DynZWeight>>(mut c: C, keys: &[K]) -> i64 {
    let mut sum = 0;
    for k in keys {
        c.rewind_keys();
        c.seek_key(k.erase());
        if c.key_valid() && unsafe { c.key().downcast::<K>() } == k {
            sum += values_here(&mut c);
        }
    }
    sum
}

fn factories<K: Key>() -> Factories {
    <Z<K> as TypedBatchReader>::factories()
}
fn batch<K: Key>(rows: Vec<Row<K>>) -> Inner {
    Z::<K>::from_tuples((), rows).into_inner()
}
fn merge<K: Key>(batches: &[Inner]) -> Inner {
    let factories = factories::<K>();
    let builder = <Inner as DynBatch>::Builder::for_merge(&factories, batches.iter(), None);
    ListMerger::merge(&factories, builder, batches.iter().map(|b| b.merge_cursor(None, None)).collect())
}
fn merge_moving<K: Key>(mut batches: Vec<Inner>) -> Inner {
    let factories = factories::<K>();
    let builder = <Inner as DynBatch>::Builder::for_merge(&factories, batches.iter(), None);
    ListMerger::merge(&factories, builder, batches.iter_mut().map(|b| b.consuming_cursor(None, None)).collect())
}
fn new_spine<K: Key>() -> Spine<Inner> {
    Spine::new(&factories::<K>(), Arc::new("rows".to_string()))
}
fn insert<K: Key>(spine: &mut Spine<Inner>, rows: Vec<Row<K>>) {
    block_on(spine.insert(batch::<K>(rows)));
}
fn compact(spine: &Spine<Inner>) {
    spine.initiate_compaction();
    while !spine.is_compaction_complete() {
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Waits until no thread has worked for 40 ms; gives the clock at the end of what was done.
fn rest(clock: Clock) -> (f64, f64) {
    let mut last = clock.stop();
    let mut before = last;
    let mut quiet = Instant::now();
    while quiet.elapsed() < Duration::from_millis(40) {
        std::thread::sleep(Duration::from_millis(2));
        let now = clock.stop();
        // Looking takes some microseconds each time: added up over many looks they would be taken for work.
        if now.1 - before.1 > 0.0005 {
            last = now;
            quiet = Instant::now();
        }
        before = now;
    }
    last
}

fn pieces<K: Key>(rows: &[Row<K>], size: usize) -> Vec<Vec<Row<K>>> {
    rows.chunks(size).map(<[_]>::to_vec).collect()
}

struct Data<K> {
    rows: Vec<Row<K>>,
    path: String,
}
impl<K: Key> Data<K> {
    fn read(dir: &str, kind: &str, n: &str) -> Data<K> {
        let path = format!("{dir}/{kind}-{n}");
        let keys = K::read(&format!("{path}.keys"));
        let values = read_i32(&format!("{path}.values"));
        let weights = fs::read(format!("{path}.weights")).unwrap();
        let rows = keys
            .into_iter()
            .zip(values)
            .zip(weights)
            .map(|((k, v), w)| Tup2(Tup2(k, v), w as i8 as ZWeight))
            .collect();
        Data { rows, path }
    }
    fn list(&self, what: &str) -> Vec<K> {
        K::read(&format!("{}.{what}.keys", self.path))
    }
    fn split(&self, count: usize) -> Vec<Inner> {
        let n = self.rows.len();
        (0..count).map(|at| batch::<K>(self.rows[n * at / count..n * (at + 1) / count].to_vec())).collect()
    }
    fn spine(&self, size: usize) -> Spine<Inner> {
        let mut spine = new_spine::<K>();
        for piece in pieces(&self.rows, size) {
            insert::<K>(&mut spine, piece);
        }
        rest(Clock::start());
        spine
    }
}

fn timed(f: impl FnOnce() -> i64) -> Report {
    let clock = Clock::start();
    let answer = black_box(f());
    Report { time: clock.stop(), answer, more: vec![] }
}

fn boxed<'a, R: FnMut() -> Report + 'a, C: FnMut() -> i64 + 'a>(run: R, check: C) -> Box<dyn Case + 'a> {
    Box::new(Both(run, check))
}

fn open<K: Key>(case: &str, dir: &str, kind: &str, n: &str) -> Box<dyn Case> {
    let data = Data::<K>::read(dir, kind, n);
    match case {
        "consolidate" => {
            let data = Arc::new(data);
            let again = data.clone();
            boxed(
                move || {
                    let rows = data.rows.clone();
                    let clock = Clock::start();
                    let batch = black_box(batch::<K>(rows));
                    Report { time: clock.stop(), answer: batch.len() as i64, more: vec![] }
                },
                move || checksum::<K, _>(batch::<K>(again.rows.clone()).cursor()),
            )
        }
        "merge2" | "merge8" => {
            let inputs = data.split(if case == "merge2" { 2 } else { 8 });
            let again = inputs.clone();
            boxed(
                move || {
                    let clock = Clock::start();
                    let batch = black_box(merge::<K>(&inputs));
                    Report { time: clock.stop(), answer: batch.len() as i64, more: vec![] }
                },
                move || checksum::<K, _>(merge::<K>(&again).cursor()),
            )
        }
        "merge2move" | "merge8move" => {
            let inputs = data.split(if case == "merge2move" { 2 } else { 8 });
            let again = inputs.clone();
            boxed(
                move || {
                    let inputs = inputs.clone();
                    let clock = Clock::start();
                    let batch = black_box(merge_moving::<K>(inputs));
                    Report { time: clock.stop(), answer: batch.len() as i64, more: vec![] }
                },
                move || checksum::<K, _>(merge_moving::<K>(again.clone()).cursor()),
            )
        }
        "spine1k" | "spine10k" => {
            let size = if case == "spine1k" { 1000 } else { 10_000 };
            let data = Arc::new(data);
            let again = data.clone();
            boxed(
                move || {
                    let pieces = pieces(&data.rows, size);
                    let mut spine = new_spine::<K>();
                    let clock = Clock::start();
                    for piece in pieces {
                        insert::<K>(&mut spine, piece);
                    }
                    let time = clock.stop();
                    let readable = spine.get_batches().len();
                    let (wall, cpu) = rest(clock);
                    let resting = spine.get_batches().len();
                    compact(&spine);
                    let compacted = clock.stop();
                    let answer = scan::<K, _>(spine.cursor());
                    Report {
                        time,
                        answer,
                        more: vec![
                            ("restWall", wall),
                            ("restCpu", cpu),
                            ("compactWall", compacted.0),
                            ("compactCpu", compacted.1),
                            ("batchesReadable", readable as f64),
                            ("batchesAtRest", resting as f64),
                        ],
                    }
                },
                move || checksum::<K, _>(again.spine(size).cursor()),
            )
        }
        "scan1" => {
            let whole = Arc::new(batch::<K>(data.rows.clone()));
            let again = whole.clone();
            boxed(move || timed(|| scan::<K, _>(whole.cursor())), move || checksum::<K, _>(again.cursor()))
        }
        "scan16" => {
            let inputs = Arc::new(data.split(16));
            let again = inputs.clone();
            let list = |inputs: &[Inner]| -> (i64, i64) {
                let factory = inputs[0].cursor().weight_factory();
                let cursors = || CursorList::new(factory, inputs.iter().map(|b| b.cursor()).collect::<Vec<_>>());
                (0, checksum::<K, _>(cursors()))
            };
            boxed(
                move || {
                    let factory = inputs[0].cursor().weight_factory();
                    timed(|| scan::<K, _>(CursorList::new(factory, inputs.iter().map(|b| b.cursor()).collect::<Vec<_>>())))
                },
                move || list(&again).1,
            )
        }
        "present" | "absent" => {
            let keys = data.list(case);
            let whole = batch::<K>(data.rows.clone());
            let (keys2, whole2) = (keys.clone(), whole.clone());
            boxed(
                move || timed(|| probe_random::<K, _>(whole.cursor(), &keys)),
                move || probe_random::<K, _>(whole2.cursor(), &keys2),
            )
        }
        "presentSpine" | "absentSpine" => {
            let keys = data.list(case.trim_end_matches("Spine"));
            let spine = Arc::new(data.spine(10_000));
            let (keys2, spine2) = (keys.clone(), spine.clone());
            boxed(
                move || Report {
                    more: vec![("batches", spine.get_batches().len() as f64)],
                    ..timed(|| probe_random::<K, _>(spine.cursor(), &keys))
                },
                move || probe_random::<K, _>(spine2.cursor(), &keys2),
            )
        }
        "gallop" => {
            let keys = data.list("sorted");
            let whole = batch::<K>(data.rows.clone());
            let (keys2, whole2) = (keys.clone(), whole.clone());
            boxed(
                move || timed(|| probe_ascending::<K, _>(whole.cursor(), &keys)),
                move || probe_ascending::<K, _>(whole2.cursor(), &keys2),
            )
        }
        "delta1k" | "delta10k" => {
            let keys = data.list(case);
            let spine = Arc::new(data.spine(10_000));
            let (keys2, spine2) = (keys.clone(), spine.clone());
            boxed(
                move || Report {
                    more: vec![("batches", spine.get_batches().len() as f64)],
                    ..timed(|| probe_ascending::<K, _>(spine.cursor(), &keys))
                },
                move || probe_ascending::<K, _>(spine2.cursor(), &keys2),
            )
        }
        "memory" => boxed(
            move || {
                let rss = || {
                    let status = fs::read_to_string("/proc/self/status").unwrap();
                    let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
                    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
                };
                COUNTS.store(true, Relaxed);
                let (bytes, before) = (BYTES.load(Relaxed), rss());
                let clock = Clock::start();
                let mut parts = data.rows.chunks(10_000).map(|c| batch::<K>(c.to_vec())).collect::<Vec<_>>();
                while parts.len() > 1 {
                    parts = parts.chunks(16).map(|c| merge::<K>(c)).collect();
                }
                let whole = parts.pop().unwrap();
                COUNTS.store(false, Relaxed);
                let (grown, after) = (BYTES.load(Relaxed) - bytes, rss());
                let rows = whole.len() as f64;
                let time = clock.stop();
                let mut cursor = whole.cursor();
                let mut answer = 0;
                while cursor.key_valid() {
                    answer += values_here(&mut cursor);
                    cursor.step_key();
                }
                Report {
                    time,
                    answer,
                    more: vec![
                        ("bytesCompacted", grown as f64 / rows),
                        ("rss", (after - before) / rows),
                        ("approximate", whole.approximate_byte_size() as f64 / rows),
                    ],
                }
            },
            || 0,
        ),
        "diskWrite" => disk_write(data),
        "diskRead" => disk_read(data),
        _ => panic!("no case {case}"),
    }
}

const COMMIT_ROWS: usize = 50_000;
const NAME: &str = "rows";

/// Persists all batches of the spine and what names them, and makes it last: as a checkpoint does.
fn save(spine: &mut Spine<Inner>, base: &StoragePath) -> Vec<String> {
    let mut files = Vec::new();
    spine.save(base, NAME, &mut files).unwrap();
    for file in &files {
        file.commit().unwrap();
    }
    let backend = Runtime::storage_backend().unwrap();
    backend.fsync_dir(base).unwrap();
    files.iter().map(|file| file.path().to_string()).collect()
}

fn disk_write<K: Key>(data: Data<K>) -> Box<dyn Case> {
    let mut round = 0;
    boxed(
        move || {
            round += 1;
            let base: StoragePath = format!("checkpoint{round}").into();
            let pieces = pieces(&data.rows, COMMIT_ROWS);
            let mut spine = new_spine::<K>();
            let clock = Clock::start();
            for piece in pieces {
                insert::<K>(&mut spine, piece);
                save(&mut spine, &base);
            }
            let time = clock.stop();
            let (wall, cpu) = rest(clock);
            save(&mut spine, &base);
            let saved = clock.stop();
            let resting = spine.get_batches();
            let bytes = |batches: &[Arc<Inner>]| -> f64 {
                batches.iter().map(|b| b.file_reader().map_or(0, |f| f.get_size().unwrap()) as f64).sum()
            };
            let (count, rest_bytes) = (resting.len(), bytes(&resting));
            drop(resting);
            compact(&spine);
            save(&mut spine, &base);
            let compacted = clock.stop();
            let one = spine.get_batches();
            let rows: usize = one.iter().map(|b| b.len()).sum();
            let answer = scan::<K, _>(spine.cursor());
            Report {
                time,
                answer,
                more: vec![
                    ("restWall", wall),
                    ("restCpu", cpu),
                    ("savedWall", saved.0),
                    ("compactWall", compacted.0),
                    ("batchesAtRest", count as f64),
                    ("bytesAtRest", rest_bytes / rows as f64),
                    ("bytesCompacted", bytes(&one) / rows as f64),
                    ("round", round as f64),
                ],
            }
        },
        || 0,
    )
}

/// What `diskWrite` left, in a process that has read nothing of it.
fn disk_read<K: Key>(data: Data<K>) -> Box<dyn Case> {
    let mut keys = data.list("present");
    keys.truncate(10_000);
    let absent = data.list("absent");
    boxed(
        move || {
            let clock = Clock::start();
            let mut spine = new_spine::<K>();
            spine.restore(&"checkpoint1".into(), NAME).unwrap();
            let opened = clock.stop();
            let clock = Clock::start();
            let answer = scan::<K, _>(spine.cursor());
            let time = clock.stop();
            let clock = Clock::start();
            let found = probe_random::<K, _>(spine.cursor(), &keys);
            let present = clock.stop();
            let clock = Clock::start();
            let none = probe_random::<K, _>(spine.cursor(), &absent[..10_000]);
            let missed = clock.stop();
            let clock = Clock::start();
            let again = scan::<K, _>(spine.cursor());
            let second = clock.stop();
            assert_eq!(answer, again);
            Report {
                time,
                answer,
                more: vec![
                    ("openWall", opened.0),
                    ("presentWall", present.0),
                    ("presentCpu", present.1),
                    ("absentWall", missed.0),
                    ("absentCpu", missed.1),
                    ("secondWall", second.0),
                    ("secondCpu", second.1),
                    ("found", found as f64),
                    ("none", none as f64),
                    ("batches", spine.get_batches().len() as f64),
                ],
            }
        },
        || 0,
    )
}

fn serve(dir: String) {
    let mut current: Option<Box<dyn Case>> = None;
    for line in stdin().lock().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["open", case, kind, n] => {
                drop(current.take());
                current = Some(match kind {
                    "text" => open::<String>(case, &dir, kind, n),
                    _ => open::<i32>(case, &dir, kind, n),
                });
                println!("{{}}");
            }
            ["run"] => {
                let Report { time, answer, more } = current.as_mut().unwrap().run();
                let more: String = more.iter().map(|(name, x)| format!(",\"{name}\":{x}")).collect();
                println!("{{\"wall\":{:.9},\"cpu\":{:.6},\"answer\":{answer}{more}}}", time.0, time.1);
            }
            ["check"] => println!("{{\"check\":{}}}", current.as_mut().unwrap().check()),
            ["close"] => {
                drop(current.take());
                println!("{{}}");
            }
            ["exit"] => break,
            _ => panic!("{line}"),
        }
        std::io::stdout().flush().unwrap();
    }
}

fn main() {
    let dir = std::env::args().nth(1).expect("the folder of the inputs");
    let storage = std::env::args().nth(2).map(|path| {
        CircuitStorageConfig::for_config(
            StorageConfig { path, cache: StorageCacheConfig::default() },
            StorageOptions { min_storage_bytes: Some(0), min_step_storage_bytes: None, ..StorageOptions::default() },
        )
        .unwrap()
    });
    let config = CircuitConfig::with_workers(1).with_storage(storage);
    let handle = Runtime::run(config, move |_parker| serve(dir.clone())).expect("runtime");
    handle.join().expect("worker");
}
