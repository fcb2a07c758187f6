//! TLS to PostgreSQL, as `sslmode` says.

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::path::PathBuf;
use std::sync::Arc;

/// How far a server's certificate is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// No TLS at all.
    Off,
    /// TLS with whoever answers.
    Nobody,
    /// The certificate must come from an authority that is trusted.
    Authority,
    /// And be the server's.
    Server,
}

/// What a connection string says of TLS.
#[derive(Clone, Debug)]
pub struct PgTls {
    /// How far the certificate is looked at.
    pub verification: Verification,
    /// Authorities, PEM; those of the system where none is named.
    pub roots: Option<PathBuf>,
    /// The client's own certificate and key, PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// The settings of the library; `None` without TLS.
///
/// # Errors
/// A file can't be read.
pub(super) fn tls(wanted: &PgTls) -> Result<Option<ClientConfig>, String> {
    if wanted.verification == Verification::Off {
        return Ok(None);
    }
    let provider = Arc::new(ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    let authorities = match wanted.verification {
        Verification::Nobody => None,
        _ => {
            let roots = Arc::new(roots(wanted)?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build();
            Some(verifier.map_err(|error| error.to_string())?)
        }
    };
    let verifier: Arc<dyn ServerCertVerifier> = match (wanted.verification, authorities) {
        (Verification::Server, Some(authorities)) => authorities,
        (_, authorities) => Arc::new(AnyName { provider, authorities }),
    };
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let config = match &wanted.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates(certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| format!("{}: {error}", key.display()))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| error.to_string())?
        }
    };
    Ok(Some(config))
}

fn certificates(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>, String> {
    let failed = |error: rustls::pki_types::pem::Error| format!("{}: {error}", path.display());
    CertificateDer::pem_file_iter(path).map_err(failed)?.map(|one| one.map_err(failed)).collect()
}

fn roots(wanted: &PgTls) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    let given = match &wanted.roots {
        Some(path) => certificates(path)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    let (added, _) = store.add_parsable_certificates(given);
    match added {
        0 => Err("no certificate of an authority was found: name a file of such with sslrootcert".to_owned()),
        _ => Ok(store),
    }
}

/// Takes a certificate whatever name stands in it: of a trusted authority (`sslmode=verify-ca`), or of anybody (`sslmode=require`, which
/// asks for secrecy only).
#[derive(Debug)]
struct AnyName {
    provider: Arc<CryptoProvider>,
    authorities: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authorities) = &self.authorities else { return Ok(ServerCertVerified::assertion()) };
        match authorities.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
