//! Hashes tell the known names from all that are registered.

use super::*;

/// Names that are not in the registry of the time but in use, then the HTTP Field Name Registry,
/// permanent, provisional, deprecated and obsolete.
///
/// Source: IANA, <https://www.iana.org/assignments/http-fields>.
const FIELDS: &str = "
    DNT Downlink ECT Front-End-Https HTTP2-Settings Keep-Alive Proxy-Connection Purpose RTT Save-Data
    Sec-CH-UA Sec-CH-UA-Arch Sec-CH-UA-Bitness Sec-CH-UA-Form-Factors Sec-CH-UA-Full-Version
    Sec-CH-UA-Full-Version-List Sec-CH-UA-Mobile Sec-CH-UA-Model Sec-CH-UA-Platform
    Sec-CH-UA-Platform-Version Sec-CH-UA-WoW64 Sec-CH-Prefers-Color-Scheme
    Sec-CH-Prefers-Reduced-Motion Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-Storage-Access
    Sec-Fetch-User Upgrade-Insecure-Requests Viewport-Width Width Device-Memory DPR True-Client-IP
    CF-Connecting-IP CF-IPCountry CF-RAY CF-Visitor CDN-Loop X-Amzn-Trace-Id X-Client-IP
    X-Cluster-Client-IP X-Correlation-ID X-CSRF-Token X-Do-Not-Track X-Forwarded X-Forwarded-For
    X-Forwarded-Host X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Proto X-Forwarded-Server
    X-Forwarded-Ssl X-HTTP-Method X-HTTP-Method-Override X-Method-Override X-Original-Host
    X-Original-URI X-Original-URL X-Real-IP X-Request-ID X-Requested-With X-Requested-By
    X-Rewrite-URL X-Scheme X-Url-Scheme X-B3-TraceId X-B3-SpanId X-B3-ParentSpanId X-B3-Sampled
    X-Purpose X-Moz X-UA-Compatible X-Wap-Profile X-ATT-DeviceId X-UIDH X-Cache X-Powered-By

    A-IM Accept Accept-Additions Accept-CH Accept-Charset Accept-Datetime Accept-Encoding
    Accept-Features Accept-Language Accept-Patch Accept-Post Accept-Ranges Accept-Query
    Accept-Signature Access-Control Access-Control-Allow-Credentials Access-Control-Allow-Headers
    Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Expose-Headers
    Access-Control-Max-Age Access-Control-Request-Headers Access-Control-Request-Method
    Activate-Storage-Access Age Allow ALPN Alternates Alt-Svc Alt-Used AMP-Cache-Transform
    Apply-To-Redirect-Ref Authentication-Control Authentication-Info Authorization
    Available-Dictionary C-Ext C-Man C-Opt C-PEP C-PEP-Info Cache-Control Cache-Status
    Cal-Managed-ID CalDAV-Timezones Capsule-Protocol CDN-Cache-Control Cert-Not-After
    Cert-Not-Before Clear-Site-Data Client-Cert Client-Cert-Chain Close CMCD-Object CMCD-Request
    CMCD-Session CMCD-Status CMSD-Dynamic CMSD-Static Concealed-Auth-Export
    Configuration-Context Connection Content-Base Content-Digest Content-Disposition
    Content-Encoding Content-ID Content-Language Content-Length Content-Location Content-MD5
    Content-Range Content-Script-Type Content-Security-Policy Content-Security-Policy-Report-Only
    Content-Style-Type Content-Type Content-Version Cookie Cookie2 Cross-Origin-Embedder-Policy
    Cross-Origin-Embedder-Policy-Report-Only Cross-Origin-Opener-Policy
    Cross-Origin-Opener-Policy-Report-Only Cross-Origin-Resource-Policy CTA-Common-Access-Token
    DASL Date DAV Default-Style Delta-Base Deprecation Depth Derived-From Destination
    Detached-JWS Differential-ID Dictionary-ID Digest DPoP DPoP-Nonce Early-Data EDIINT-Features
    ETag Expect Expect-CT Expires Ext Forwarded From GetProfile Hobareg Host HTTP2-Settings If
    If-Match If-Modified-Since If-None-Match If-Range If-Schedule-Tag-Match If-Unmodified-Since IM
    Include-Referred-Token-Binding-ID Isolation Incremental Keep-Alive Label Last-Event-ID
    Last-Modified Link Link-Template Location Lock-Token Man Max-Forwards Memento-Datetime Meter
    Method-Check Method-Check-Expires MIME-Version Negotiate NEL OData-EntityId OData-Isolation
    OData-MaxVersion OData-Version Opt Optional-WWW-Authenticate Ordering-Type Origin
    Origin-Agent-Cluster OSCORE OSLC-Core-Version Overwrite P3P PEP PEP-Info Permissions-Policy
    PICS-Label Ping-From Ping-To Position Pragma Prefer Preference-Applied Priority ProfileObject
    Protocol Protocol-Info Protocol-Query Protocol-Request Proxy-Authenticate
    Proxy-Authentication-Info Proxy-Authorization Proxy-Features Proxy-Instruction Proxy-Status
    Public Public-Key-Pins Public-Key-Pins-Report-Only Range Redirect-Ref Referer Referer-Root
    Referrer-Policy Refresh Repeatability-Client-ID Repeatability-First-Sent
    Repeatability-Request-ID Repeatability-Result Replay-Nonce Reporting-Endpoints Repr-Digest
    Retry-After Safe Schedule-Reply Schedule-Tag Sec-GPC Sec-Purpose Sec-Token-Binding
    Sec-WebSocket-Accept Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol
    Sec-WebSocket-Version Security-Scheme Server Server-Timing Set-Cookie Set-Cookie2
    Set-Txn SetProfile Signature Signature-Input SLUG SoapAction Status-URI
    Strict-Transport-Security Sunset Surrogate-Capability Surrogate-Control TCN TE Timeout
    Timing-Allow-Origin Topic Traceparent Tracestate Trailer Transfer-Encoding TTL Unencoded-Digest
    Upgrade Urgency URI Use-As-Dictionary User-Agent Variant-Vary Vary Via Want-Content-Digest
    Want-Digest Want-Repr-Digest Warning WWW-Authenticate X-Content-Type-Options X-Frame-Options
";

/// The HTTP Method Registry, then methods of other protocols.
///
/// Source: IANA, <https://www.iana.org/assignments/http-methods>.
const METHODS: &str = "
    ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE
    MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI
    PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE
    UPDATEREDIRECTREF VERSION-CONTROL

    BATCH BCOPY BDELETE BMOVE BPROPFIND BPROPPATCH BREW DEBUG DESCRIBE INDEX INVITE MKDIR NOTIFY
    POLL PURGE REGISTER RMDIR SETUP SOURCE SPACEJUMP SUBSCRIBE TEXTSEARCH TRACK UNSUBSCRIBE WHEN
";

const VERSIONS: &str = "HTTP/0.9 HTTP/1.0 HTTP/1.1 HTTP/1.2 HTTP/2 HTTP/2.0 HTTP/3 HTTP/3.0 ICY \
                        RTSP/1.0 RTSP/2.0 SIP/2.0";

/// Each of `names` is known by its own number, or by none.
fn check(names: &str, fold: fn(&str) -> String) {
    for name in names.split_whitespace().map(fold) {
        let expected = Name::ALL.iter().find(|(_, known)| *known == name);
        let expected = expected.map_or(Name::UNKNOWN, |(known, _)| *known as u8);
        assert_eq!(number_of(hash(&name)), expected, "{name}");
    }
}

#[test]
fn no_registered_name_is_taken_for_another() {
    assert!(FIELDS.split_whitespace().count() > 300);
    check(FIELDS, str::to_ascii_lowercase);
    check(METHODS, str::to_owned);
    check(VERSIONS, str::to_owned);
    // A method may be called like a field, and the other way round.
    check(FIELDS, str::to_owned);
    check(METHODS, str::to_ascii_lowercase);
}

/// Every name of up to four letters or digits, which is what somebody may try.
#[test]
fn no_short_name_is_taken_for_another() {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-";
    let mut hashes = vec![SEED];
    for _ in 0..4 {
        hashes =
            hashes.iter().flat_map(|&hash| LETTERS.iter().map(move |&b| step(hash, b))).collect();
        for &other in &hashes {
            let number = number_of(other);
            let known = Name::ALL.iter().find(|(name, _)| *name as u8 == number);
            assert!(known.is_none_or(|(_, text)| hash(text) == other && text.len() <= 4));
        }
    }
}

#[test]
fn every_known_name_is_found() {
    for (name, text) in Name::ALL {
        assert_eq!(number_of(hash(text)), *name as u8, "{text}");
        assert_eq!(name.bit(), 1 << *name as u8);
        assert!((*name as u8) < Name::UNKNOWN);
    }
    assert_eq!(number_of(SEED), Name::UNKNOWN);
    assert_eq!(Name::UNKNOWN as usize, Name::ALL.len());
    // The two highest bits have meanings of their own.
    const { assert!(Name::UNKNOWN < 30) };
}

/// The test vectors for 32 bits, from the seed that they are for.
///
/// Source: draft-eastlake-fnv, section 6.
#[test]
fn the_hash_is_fnv_1a() {
    let hash = |text: &[u8]| text.iter().fold(0x811c_9dc5, |hash, &byte| step(hash, byte));
    assert_eq!(hash(b""), 0x811c_9dc5);
    assert_eq!(hash(b"a"), 0xe40c_292c);
    assert_eq!(hash(b"foobar"), 0xbf9c_f968);
}
