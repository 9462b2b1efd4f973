//! The site's answer to a request: which stored answer, and what of it is sent.

use pipkin_format::{
    ETAG_NAME, Extent, FALLBACK, NAVIGATION, NO_NAVIGATION, OK_LINE, PATH_BYTES_MAX, Standing,
};

use crate::conn::Batch;
use crate::extended::is_apart;
use crate::http::names::Name;

impl Batch<'_> {
    /// Picks the answer to the request that was read last.
    pub(crate) fn respond(&mut self) {
        const GET: u8 = Name::Get as u8;
        const HEAD: u8 = Name::Head as u8;
        const OPTIONS: u8 = Name::Options as u8;
        const NOT_ALLOWED: u32 = Name::Post.bit()
            | Name::Put.bit()
            | Name::Delete.bit()
            | Name::Patch.bit()
            | Name::Trace.bit()
            | Name::Connect.bit();
        let standing = match self.request.method() {
            GET | HEAD => match self.request.path(&mut self.path) {
                Some(bytes) if bytes <= PATH_BYTES_MAX => return self.represent(bytes),
                Some(_) => Standing::UriTooLong,
                None => Standing::BadRequest,
            },
            OPTIONS => Standing::Options,
            method if NOT_ALLOWED & 1 << method != 0 => Standing::MethodNotAllowed,
            _ => Standing::NotImplemented,
        };
        self.pick_standing(standing);
    }

    /// Picks the answer for the path of `len` bytes.
    #[inline(always)]
    pub(crate) fn represent(&mut self, len: usize) {
        self.find(len);
        self.choose();
        self.replace();
        self.condition();
    }

    /// Finds the first answer for the path of `len` bytes: its own, or that of the innermost folder
    /// that has one for what it has not.
    fn find(&mut self, len: usize) {
        let (mut len, mut end) = (len, len);
        loop {
            let path = self.path.get(..len).unwrap_or_default();
            if let Some(stored) = self.content.find(path) {
                return self.pick(stored);
            }
            end = end.min(self.content.fallback_bytes());
            loop {
                if end == 0 {
                    return self.pick_standing(Standing::NotFound);
                }
                end -= 1;
                if self.path[end % PATH_BYTES_MAX] == b'/' {
                    break;
                }
            }
            self.path[end % PATH_BYTES_MAX + 1] = FALLBACK;
            len = end + 2;
        }
    }

    /// Picks the answer that fits the request best, of those found.
    fn choose(&mut self) {
        if self.choose_rule() {
            return;
        }
        let (mut best, mut best_quality) = (self.content.standing(Standing::NotAcceptable), 0);
        loop {
            let quality = self.request.quality(self.record.coding);
            if quality > best_quality && self.fits(self.record.flags) {
                (best, best_quality) = (self.record.stored, quality);
            }
            let Some(next) = self.record.next() else { break };
            self.pick(next);
        }
        self.pick(best);
    }

    /// Whether an answer with these flags is for such a request.
    fn fits(&mut self, flags: u8) -> bool {
        if is_apart(flags) {
            return false;
        }
        if flags & (NAVIGATION | NO_NAVIGATION) == 0 {
            return true;
        }
        flags & if self.request.navigates() { NAVIGATION } else { NO_NAVIGATION } != 0
    }

    /// Applies the conditions in the request. Those on dates are ignored, since no representation
    /// has one.
    ///
    /// Source: RFC 9110, section 13.2.2.
    fn condition(&mut self) {
        const ETAG_AT: usize = OK_LINE.len() + ETAG_NAME.len();
        let shared = self.content.head_of(&self.record, Extent::Shared, 0);
        let Some(etag) = shared.get(ETAG_AT..).and_then(<[u8]>::first_chunk) else { return };
        let request = &mut self.request;
        if request.has(Name::IfMatch) && !request.has_tag(Name::IfMatch, etag, b'/') {
            self.pick_standing(Standing::PreconditionFailed);
        } else if request.has_tag(Name::IfNoneMatch, etag, 0) {
            self.line = Standing::NotModified;
        } else if request.method() == Name::Get as u8
            && (!request.has(Name::IfRange) || request.has_tag(Name::IfRange, etag, b'/'))
            && request.asks_for_part(self.record.body.len)
        {
            self.line = if request.is_part() {
                Standing::PartialContent
            } else {
                Standing::RangeNotSatisfiable
            };
        }
    }
}
