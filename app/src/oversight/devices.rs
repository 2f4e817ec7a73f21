//! `/office/devices`: how the company's devices stand, and taking one back.

use super::acting::{Act, Acting, ActingDialog};
use super::messages::t;
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::button::{Button, ButtonSize};
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::design::table::{Column, Table};
use crate::language::{day_and_time, whole};
use crate::shell::waiting::words;
use crate::shell::{Fetched, Live, OfficeFrame, Shell, title};
use holdfast_domain::identity::{DeviceStanding, DevicesPage as Page, REVOKE};
use leptos::prelude::*;

/// The screen.
#[component]
pub fn DevicesPage() -> impl IntoView {
    title(t().devices);
    view! { <OfficeFrame><Devices /></OfficeFrame> }
}

#[component]
fn Devices() -> impl IntoView {
    let acting = Acting::new();
    let devices = Fetched::<Page>::from(|| "/api/v1/identity/devices?limit=200".to_owned(), Live::listen());
    let (revokes, zone) = Shell::expect().session.with_untracked(|session| {
        let view = session.view();
        (
            view.is_some_and(|view| view.may(&REVOKE)),
            view.and_then(|view| view.sites.first()).map_or_else(|| "UTC".to_owned(), |site| site.time_zone.clone()),
        )
    });
    let columns = columns(revokes.then_some(acting), zone);
    view! {
        <header class="office-head"><h1>{t().devices}</h1><Link href="/office/hand-in" label=words().hand_in icon=Icon::Send /></header>
        <Card flush=true>
            {devices.show(6, move |page| {
                let rows = Signal::derive(move || sorted(page.get().devices));
                let columns = columns.clone();
                let more = move || page.with(|page| page.next.is_some()).then(|| view! { <p class="table-more soft small">{t().more_there}</p> });
                view! {
                    <Show when=move || !rows.read().is_empty() fallback=|| view! { <EmptyState icon=Icon::Device title=t().no_devices text=t().no_devices_text /> }>
                        <Table label=t().devices columns=columns.clone() rows key />
                    </Show>
                    {more}
                }
            })}
        </Card>
        <ActingDialog acting />
    }
}

/// Those that stand first, the one that spoke last at the top.
fn sorted(mut devices: Vec<DeviceStanding>) -> Vec<DeviceStanding> {
    devices.sort_by_key(|device| (device.revoked.is_some(), std::cmp::Reverse(device.last_contact), device.device));
    devices
}

/// A row is drawn anew when what it shows changes.
fn key(device: &DeviceStanding) -> String {
    let DeviceStanding { device, name, taken_up_at, last_contact, app, waiting, arrived, revoked, .. } = device;
    format!("{device}:{name}:{taken_up_at:?}:{last_contact:?}:{app:?}:{waiting:?}:{arrived:?}:{}", revoked.is_some())
}

fn columns(acting: Option<Acting>, zone: String) -> Vec<Column<DeviceStanding>> {
    let zone = StoredValue::new(zone);
    let spoke = move |device: &DeviceStanding| device.last_contact.map_or_else(|| t().never.to_owned(), |at| day_and_time(at, &zone.read_value()));
    let name = move |device: &DeviceStanding| {
        let people = device.holders.iter().map(|holder| holder.name.clone()).collect::<Vec<_>>().join(", ");
        view! {
            <span class="strong">{device.name.clone()}</span>
            <br />
            <span class="soft small">{people}</span>
            <span class="oversight-narrow soft small">{spoke(device)}</span>
        }
    };
    let count = |count: u32| if count == 0 { t().nothing.to_owned() } else { whole(u64::from(count)) };
    let mut columns = vec![
        Column::words(t().device, name),
        Column::words(t().state, state),
        Column::words(t().last_contact, spoke).minor(),
        Column::words(t().app_version, |device: &DeviceStanding| {
            view! { <span class="code small">{device.app.clone().unwrap_or_else(|| t().nothing.to_owned())}</span> }
        })
        .minor(),
        Column::figures(t().waiting, |device: &DeviceStanding| {
            device.waiting.map_or_else(|| t().nothing.to_owned(), |waiting| whole(waiting.into()))
        })
        .minor(),
        Column::figures(t().gaps, move |device: &DeviceStanding| count(device.arrived.gaps)).minor(),
        Column::figures(t().held_count, move |device: &DeviceStanding| count(device.arrived.held)).minor(),
        Column::figures(t().refused, move |device: &DeviceStanding| count(device.arrived.refused)).minor(),
    ];
    if let Some(acting) = acting {
        columns.push(Column::words("", move |device: &DeviceStanding| device.revoked.is_none().then(|| revoke(device, acting)).into_any()));
    }
    columns
}

fn state(device: &DeviceStanding) -> AnyView {
    match &device.revoked {
        Some(revocation) => {
            view! { <Badge tone=Tone::Plain label=t().revoked icon=Icon::Lock />" "<span class="soft small">{revocation.reason.clone()}</span> }
                .into_any()
        }
        None if device.taken_up_at.is_some() => view! { <Badge tone=Tone::Attention label=t().taken_up icon=Icon::Device /> }.into_any(),
        None if device.arrived.gaps + device.arrived.held > 0 => view! { <Badge tone=Tone::Attention label=t().attention /> }.into_any(),
        None => view! { <Badge tone=Tone::Good label=t().in_use /> }.into_any(),
    }
}

fn revoke(device: &DeviceStanding, acting: Acting) -> AnyView {
    let act = Act {
        title: t().revoke_question(&device.name),
        text: t().revoke_text.to_owned(),
        verb: t().revoke,
        danger: true,
        paths: vec![format!("/api/v1/identity/devices/{}/revocation", device.device)],
        waives: None,
    };
    view! { <Button label=t().revoke size=ButtonSize::Small on_press=move || acting.ask(act.clone()) /> }.into_any()
}
