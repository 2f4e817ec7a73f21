//! A device's outbox file, sealed as the app seals it, without a browser.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_sync::outbox_file::{Point, Protected, SealedPart, content_key};

/// Seals `content` to `recipient`; `n` tells lines apart.
pub fn seal(content: &[u8], recipient: &Point, n: u8) -> SealedPart {
    let sender = PrivateKey::from_private_key(&ECDH_P256, &[n.max(1); 32]).expect("it is a scalar of the curve");
    let public = sender.compute_public_key().expect("each private key has a public one");
    let epk = Point::of(public.as_ref()).expect("it is not compressed");
    let header = serde_json::to_vec(&Protected::to(recipient, epk)).expect("a header is text");
    let protected = URL_SAFE_NO_PAD.encode(header);
    let recipient = recipient.uncompressed().expect("the server gives out a sound point");
    let agreed = UnparsedPublicKey::new(&ECDH_P256, recipient);
    let key = agreement::agree(&sender, agreed, (), |secret| Ok(content_key(secret))).expect("both are points of the curve");
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("the key is 32 bytes"));
    let iv = [n; NONCE_LEN];
    let mut ciphertext = content.to_vec();
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(protected.as_bytes()), &mut ciphertext).expect("it is short enough");
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    SealedPart { iv: text(&iv), ciphertext: text(&ciphertext), tag: text(tag.as_ref()), protected }
}
