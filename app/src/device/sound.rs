//! The two tones of a scan: high for good, low for bad. A browser lets a page sound only after someone touched it; until then it is silent.

use std::cell::RefCell;
use wasm_bindgen::JsValue;
use web_sys::{AudioContext, OscillatorType};

thread_local! {
    /// Made with the first tone: browsers allow few, and none before a touch.
    static CONTEXT: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
}

/// A tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// High and short: taken.
    Good,
    /// Low and longer: not taken.
    Bad,
}

impl Tone {
    const fn hertz(self) -> f32 {
        match self {
            Self::Good => 1_760.0,
            Self::Bad => 196.0,
        }
    }

    const fn seconds(self) -> f64 {
        match self {
            Self::Good => 0.07,
            Self::Bad => 0.32,
        }
    }
}

/// Sounds a tone, and buzzes where the device can: a floor is loud.
pub fn sound(tone: Tone) {
    if let Err(fault) = try_sound(tone) {
        web_sys::console::warn_2(&JsValue::from_str("no tone"), &fault);
    }
    if tone == Tone::Bad {
        let _may_not = leptos::prelude::window().navigator().vibrate_with_duration(200);
    }
}

fn try_sound(tone: Tone) -> Result<(), JsValue> {
    CONTEXT.with_borrow_mut(|context| {
        if context.is_none() {
            *context = Some(AudioContext::new()?);
        }
        let Some(context) = context else { return Ok(()) };
        let _resumes_after_a_touch = context.resume()?;
        let (oscillator, gain) = (context.create_oscillator()?, context.create_gain()?);
        oscillator.set_type(OscillatorType::Triangle);
        oscillator.frequency().set_value(tone.hertz());
        let (now, end) = (context.current_time(), context.current_time() + tone.seconds());
        gain.gain().set_value_at_time(0.18, now)?;
        gain.gain().exponential_ramp_to_value_at_time(0.001, end)?;
        oscillator.connect_with_audio_node(&gain)?.connect_with_audio_node(&context.destination())?;
        oscillator.start()?;
        oscillator.stop_with_when(end)
    })
}
