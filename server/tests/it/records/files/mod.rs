//! Files that records have: judged by their bytes, named by whoever uploaded them, read by whoever reads the record.

mod bucket;
mod kept;
mod named;
mod upload;

use super::{at, make, refused};
use crate::support::Client;
use axum::http::Method;
use flate2::Crc;
use holdfast_domain::kernel::resource::RecordView;
use holdfast_server::rehearsal::Response;
use serde_json::{Value, json};
use uuid::Uuid;

const PRODUCTS: &str = super::catalogue::PRODUCTS;
const BYTES: &str = "application/octet-stream";

/// A picture of that size, each `n` another one.
fn png(width: u32, height: u32, n: u8) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        [&u32::try_from(data.len()).unwrap().to_be_bytes(), kind.as_slice(), data, &crc.sum().to_be_bytes()].concat()
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"tEXt", &[b'n', 0, n]), chunk(b"IDAT", &[n; 40]), chunk(b"IEND", &[])].concat()
}

/// The same as JPEG: only its head is sound.
fn jpeg(width: u16, height: u16, n: u8) -> Vec<u8> {
    let [h, w] = [height.to_be_bytes(), width.to_be_bytes()];
    let frame = [0xff, 0xc0, 0, 11, 8, h[0], h[1], w[0], w[1], 1, 1, 0x11, 0];
    // A stuffed byte and a mark that starts anew are no end.
    let drawn = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, n, 0xff, 0x00, n, 0xff, 0xd0, n];
    [&b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"[..], &frame, &drawn, &[0xff, 0xd9]].concat()
}

/// The same as WebP without loss.
fn webp(width: u32, height: u32, n: u8) -> Vec<u8> {
    let size = (width - 1) | ((height - 1) << 14);
    let data = [&[0x2f][..], &size.to_le_bytes(), &[n; 11]].concat();
    let length = |length: usize| u32::try_from(length).unwrap().to_le_bytes();
    [b"RIFF".as_slice(), &length(4 + 8 + data.len()), b"WEBPVP8L", &length(data.len()), &data].concat()
}

fn pdf(n: u8) -> Vec<u8> {
    [b"%PDF-1.7\n".as_slice(), &[n; 30], b"\n%%EOF\n"].concat()
}

async fn send(client: &Client, address: &str, bytes: Vec<u8>) -> Response {
    client.send(Method::POST, address, (Some(BYTES), bytes)).await
}

/// What is said of what was uploaded.
async fn upload(client: &Client, address: &str, bytes: Vec<u8>) -> Value {
    let sent = send(client, address, bytes).await;
    assert_eq!(sent.status.as_u16(), 200, "{}", String::from_utf8_lossy(&sent.body));
    sent.json()
}

async fn image(client: &Client, n: u8) -> Value {
    upload(client, &format!("{PRODUCTS}/files/image?name=chai.png"), png(4, 3, n)).await
}

async fn contract(client: &Client, path: &str, n: u8) -> Value {
    upload(client, &format!("{path}/files/contract?name=contract.pdf"), pdf(n)).await
}

async fn product(client: &Client, name: &str, image: &Value) -> RecordView {
    make(client, PRODUCTS, json!({ "name": name, "image": image })).await
}

fn file_of(path: &str, id: Uuid, field: &str) -> String {
    format!("{}/files/{field}", at(path, id))
}

async fn change(client: &Client, (path, id, version): (&str, Uuid, u64), values: Value) -> Response {
    client.if_match(version).patch_json(&at(path, id), &json!({ "values": values })).await
}
