//! The secure part of a connection, with this program's own judge of certificates: one that is trusted by itself is, and a handshake
//! that fails says why.

use super::Fault;
use crate::tls;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::fmt;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

/// A handshake that failed, on its way through the client.
#[derive(Debug)]
pub(super) struct Handshake(pub(super) Fault);

impl fmt::Display for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("handshake")
    }
}

impl std::error::Error for Handshake {}

/// Makes connections secure that have to be.
pub(super) struct Secure(pub(super) Arc<ClientConfig>);

impl fmt::Debug for Secure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secure")
    }
}

impl<In: Transport> Connector<In> for Secure {
    type Out = Either<In, Stream>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else { return Ok(None) };
        if !details.needs_tls() || transport.is_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let failed = |fault: Fault| Error::Other(Box::new(Handshake(fault)));
        let host = details.uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| failed(Fault::BadAddress { text: host }))?;
        let mut connection = ClientConnection::new(Arc::clone(&self.0), name)?;
        let mut inner = TransportAdapter::new(transport.boxed(), details.current_time.clone());
        inner.set_timeout(details.timeout);
        if let Err(error) = connection.complete_io(&mut inner) {
            // One that took too long is no matter of certificates.
            return match Error::from(error) {
                Error::Io(error) => match tls::handshake_fault(&error) {
                    Some(fault) => Err(failed(fault)),
                    None => Err(Error::Io(error)),
                },
                other => Err(other),
            };
        }
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        let stream = StreamOwned::new(connection, inner);
        Ok(Some(Either::B(Stream { buffers, stream })))
    }
}

/// A connection whose handshake is over.
pub(super) struct Stream {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}

impl Transport for Stream {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.get_mut().set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let n = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(n);
        Ok(n > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
