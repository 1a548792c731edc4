//! When WebKit looks for what scripts have thrown away, on Linux: soon after the agent rests, and not only when memory runs out.
//!
//! Called by [`crate::setup::run`] before anything else, while the program has one thread. Other systems need nothing of it.
//!
//! JavaScriptCore collects what is young whenever there is much of it, and everything by a timer whose delay grows with how little it expects to find.
//! Each conversation that was open leaves a page's worth of elements that have grown old by then, and the timer did not run after the start: not once in a
//! minute of reading and scrolling in haste and twenty seconds of rest. With these two it runs within that rest, and may take a fiftieth of one core. They are options of the engine that are read from the environment once
//! (<https://github.com/WebKit/WebKit/blob/main/Source/JavaScriptCore/runtime/OptionsList.h>); one that a version does not know, it ignores.

/// Tells the engine, unless somebody said otherwise.
#[cfg(target_os = "linux")]
pub(crate) fn prepare() {
    for (option, value) in [
        // Of a core, for each MiB that is expected to be found.
        ("JSC_percentCPUPerMBForFullTimer", "0.01"),
        // Of a core, whatever is expected.
        ("JSC_collectionTimerMaxPercentCPU", "0.02"),
    ] {
        // Fails for want of memory alone, and nobody logs yet: more is kept then, and nothing else.
        let _ = glib::setenv(option, value, false);
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) const fn prepare() {}
