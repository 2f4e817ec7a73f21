//! The worker's end: hears the page and the other tabs, answers, tells what happens unasked.
//!
//! What a person does is answered in the order it was asked; questions that change nothing, and what needs the network, go beside it.

use super::core::{Core, Told, log};
use super::protocol::{Answer, EngineRefusal, FromEngine, Request, ToEngine};
use super::sync::pages;
use super::sync::wake::Nudge;
use super::till::{self, Wanted};
use super::{blobs, carried, catalogue, enrol, events, outbox_file, own, people, queue, storage, sync, sync_view, telling};
use crate::device::store::{prune_accepted, prune_tried, prune_witnessed, resume};
use crate::device::{clock, json};
use futures::StreamExt;
use futures::channel::mpsc;
use std::rc::Rc;
use std::sync::Arc;
use uuid::Uuid;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Listens for ever. Called once, by the engine's binary.
pub fn run() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        post(&FromEngine::Broken { cause: panic.to_string() });
    }));
    // The page limits how much waits.
    let (asked, asking) = mpsc::unbounded();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        match message.data().as_string().and_then(|text| json::read::<ToEngine>(&text).ok()) {
            // Answered at once, whatever else is being done: it says that the worker lives.
            Some(ToEngine { id, request: Request::Ping, .. }) => post(&FromEngine::Answer { id, result: Ok(Answer::Alive) }),
            // The receiver lives as long as the worker.
            Some(ask) => drop(asked.unbounded_send(ask)),
            None => web_sys::console::error_2(&JsValue::from_str("the page said something that is no message"), &message.data()),
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(&FromEngine::Ready);
    spawn_local(serve(asking));
}

async fn serve(mut asking: mpsc::UnboundedReceiver<ToEngine>) {
    let core = loop {
        match Core::open(post).await {
            Ok(core) => break Rc::new(core),
            // Such as a newer build in another tab: whoever asks is told, and it is tried again.
            Err(error) => {
                let refusal = EngineRefusal::from(error);
                let Some(ask) = asking.next().await else { return };
                post(&FromEngine::Answer { id: ask.id, result: Err(refusal) });
            }
        }
    };
    start(&core).await;
    while let Some(ToEngine { id, tap, request }) = asking.next().await {
        if goes_beside(&request) {
            let core = Rc::clone(&core);
            spawn_local(async move { reply(&core, id, (tap, request)).await });
        } else {
            reply(&core, id, (tap, request)).await;
        }
    }
}

/// What runs beside the requests.
async fn start(core: &Rc<Core>) {
    let looking = Rc::clone(core);
    // Nobody who wants to sell waits for it.
    spawn_local(async move {
        storage::look(&looking).await;
        events::tell_device(&looking).await;
    });
    let known = match core.store() {
        // A database that cannot be read now is not one that is gone.
        Some(store) => core.standing(&store).await.map_or(true, |standing| standing.is_some()),
        None => false,
    };
    core.evicted.set(!known && storage::is_marked().await);
    spawn_local(telling::run(Rc::clone(core)));
    listen_to_tabs(core);
    listen_to_network(core);
    // Locked from here on: whoever scans before it is loaded waits, and is not told that the code is unknown.
    let mut catalogue = Arc::clone(&core.catalogue).lock_owned().await;
    let (store, reading) = (core.store(), Rc::clone(core));
    spawn_local(async move {
        let Some(store) = store else { return };
        if let Err(error) = pages::load(&mut catalogue, &store).await {
            log(&error);
        }
        drop(catalogue);
        events::tell_till(&reading).await;
        for pruned in [prune_accepted(&store, clock::now()).await, prune_witnessed(&store, clock::now()).await, prune_tried(&store).await] {
            pruned.unwrap_or_else(|error| log(&error));
        }
    });
    let sending = Rc::clone(core);
    spawn_local(async move {
        for settled in [own::move_out(&sending).await, own::sweep(&sending).await] {
            settled.unwrap_or_else(|error| log(&error));
        }
        if let Some(store) = sending.store()
            && let Err(error) = resume(&store).await
        {
            log(&error);
        }
        sync::run(sending).await;
    });
}

/// Whether the answer need not wait for what was asked before.
fn goes_beside(request: &Request) -> bool {
    matches!(
        request,
        Request::SearchProducts { .. }
            | Request::Categories
            | Request::BecomeTill { .. }
            | Request::SignedIn { .. }
            | Request::Erase
            | Request::ExportOutbox
            | Request::TakeFile { .. }
            | Request::Blob { .. }
            | Request::Sync
            | Request::SyncNow
    )
}

async fn reply(core: &Rc<Core>, id: u64, (tap, request): (Uuid, Request)) {
    let moves_device = matches!(
        request,
        Request::SignedIn { .. }
            | Request::BecomeTill { .. }
            | Request::SwitchPerson { .. }
            | Request::SignOut
            | Request::TakeOff
            | Request::SetPin { .. }
            | Request::Erase
    );
    let mut result = answer(core, tap, &request).await;
    // The connection died on the way. A tap is done once, so asking again is safe; it opens another connection.
    if result.as_ref().is_err_and(|refusal| refusal.code == "storage_lost") {
        result = answer(core, tap, &request).await;
    }
    let moved = result.is_ok() && matches!(result, Ok(Answer::Till(_) | Answer::Paid(_))) && !matches!(request, Request::Till);
    post(&FromEngine::Answer { id, result });
    if moves_device {
        events::tell_device(core).await;
        events::settled(core);
    } else if moved {
        core.emit(super::protocol::Event::TicketsMoved);
        core.telling.of_sync();
    }
}

async fn answer(core: &Rc<Core>, tap: Uuid, request: &Request) -> Result<Answer, EngineRefusal> {
    let device = |view| Ok(Answer::Device(Box::new(view)));
    match request {
        Request::Ping => Ok(Answer::Alive),
        Request::Device => device(people::device_view(core).await?),
        Request::SignedIn { session } => device(people::signed_in(core, session.clone()).await?),
        Request::BecomeTill { site, till } => device(enrol::become_till(core, (*site, *till)).await?),
        Request::SwitchPerson { account, pin } => device(people::switch(core, *account, pin.clone()).await?),
        Request::SetPin { pin } => device(people::set_pin(core, pin).await?),
        Request::SignOut => device(people::sign_out(core).await?),
        Request::TakeOff => device(people::take_off(core).await?),
        Request::Erase => people::erase(core).await.map(|()| Answer::Erased),
        Request::KeepStorage => {
            storage::look(core).await;
            device(people::device_view(core).await?)
        }
        Request::SearchProducts { text, category, skip, limit } => {
            let (now, day) = (core.price_time(), till::day(core).await?);
            let page = catalogue::Page { skip: *skip, limit: *limit, now, day };
            Ok(Answer::Products(core.catalogue.lock().await.search(text, category.as_deref(), page)))
        }
        Request::Categories => Ok(Answer::Categories(core.catalogue.lock().await.categories())),
        Request::Sync => Ok(Answer::Sync(Box::new(sync_view::read(core).await?))),
        Request::SyncNow => {
            sync::try_now(core).await?;
            Ok(Answer::Sync(Box::new(sync_view::read(core).await?)))
        }
        Request::Blob { blob } => Ok(Answer::Blob(blobs::download::look(core, *blob).await?)),
        Request::Export { task } => Ok(Answer::Exported(sync_view::export(core, task).await?)),
        Request::ExportOutbox => Ok(Answer::OutboxFile(Box::new(outbox_file::export(core).await?))),
        Request::TakeFile { name, text } => {
            carried::take(core, (name, text)).await?;
            Ok(Answer::Sync(Box::new(sync_view::read(core).await?)))
        }
        Request::PutFileAway { file } => {
            carried::put_away(core, *file).await?;
            Ok(Answer::Sync(Box::new(sync_view::read(core).await?)))
        }
        Request::Dismiss { task } => {
            sync_view::dismiss(core, task).await?;
            Ok(Answer::Sync(Box::new(sync_view::read(core).await?)))
        }
        _ => at_the_till(core, tap, request).await,
    }
}

async fn at_the_till(core: &Rc<Core>, tap: Uuid, request: &Request) -> Result<Answer, EngineRefusal> {
    let store = core.need_store()?;
    let at = (&store, tap);
    let state = match request {
        Request::OpenTillSession { counted_minor } => till::open_session(core, at, *counted_minor).await?,
        Request::CloseTillSession { counted_minor, photos } => till::close_session(core, at, (*counted_minor, photos)).await?,
        Request::Scan { code, quantity } => till::add(core, at, (&Wanted::Code(code.clone()), *quantity)).await?,
        Request::AddProduct { product, quantity } => till::add(core, at, (&Wanted::Product(*product), *quantity)).await?,
        Request::ChangeQuantity { line, by } => till::change_quantity(core, at, (*line, *by)).await?,
        Request::RemoveLine { line } => till::remove_line(core, at, *line).await?,
        Request::AbandonTicket => till::abandon(core, at).await?,
        Request::PayCash { tendered_minor } => return Ok(Answer::Paid(Box::new(till::pay_cash(core, at, *tendered_minor).await?))),
        Request::Tickets { of, limit } => return Ok(Answer::Tickets(till::tickets(core, &store, (*of, *limit)).await?)),
        Request::Ticket { document } => return Ok(Answer::Ticket(Box::new(till::ticket(core, &store, *document).await?))),
        _ => till::state(core, &store).await?,
    };
    Ok(Answer::Till(Box::new(state)))
}

/// Another tab did something: look, and tell the page.
fn listen_to_tabs(core: &Rc<Core>) {
    let Some(channel) = core.channel().cloned() else { return };
    let core = Rc::clone(core);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let told = message.data().as_string().and_then(|text| json::read::<Told>(&text).ok());
        let core = Rc::clone(&core);
        spawn_local(async move {
            if let Err(error) = hear(&core, told).await {
                log(&error);
            }
        });
    });
    channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

async fn hear(core: &Rc<Core>, told: Option<Told>) -> Result<(), crate::device::store::StoreError> {
    match told {
        Some(Told::Recorded) => {
            core.wake.nudge(Nudge::Work);
            events::settled(core);
        }
        Some(Told::TryNow) => {
            core.wake.nudge(Nudge::Now);
            core.blob_wake.nudge(Nudge::Now);
        }
        Some(Told::Settled) => {
            core.forget_takings();
            queue::forget(core).await;
            events::settled(core);
        }
        Some(Told::Catalogue) => {
            if let Some(store) = core.store() {
                pages::load_anew(core, &store).await?;
                core.emit(super::protocol::Event::CatalogueMoved);
            }
        }
        Some(Told::Device) => {
            core.reopen().await?;
            core.close_own().await;
            events::tell_device(core).await;
            events::settled(core);
        }
        Some(Told::Contact) => {
            core.reread_contact().await?;
            events::tell_device(core).await;
            core.telling.of_sync();
        }
        // A newer build in another tab says more than this one knows.
        None => (),
    }
    Ok(())
}

/// What the browser believes of the network is no truth, but a reason to look.
fn listen_to_network(core: &Rc<Core>) {
    let core = Rc::clone(core);
    let on_online = Closure::<dyn Fn(web_sys::Event)>::new(move |_| core.wake.nudge(Nudge::Now));
    scope().set_ononline(Some(on_online.as_ref().unchecked_ref()));
    on_online.forget();
}

fn post(message: &FromEngine) {
    let text = serde_json::to_string(message).expect("our messages have no map with failing keys");
    if let Err(error) = scope().post_message(&JsValue::from_str(&text)) {
        web_sys::console::error_1(&error);
    }
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}
