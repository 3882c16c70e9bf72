#include "common/tls_dialer.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <list>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "common/tls_relay.h"

namespace nopo {
namespace {

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using ContextPointer = std::unique_ptr<SSL_CTX, ContextDeleter>;

// The relays of this process. One that has ended is forgotten when the next begins.
class TlsRelays {
 public:
  void Add(SslPointer ssl, UniqueFd encrypted, UniqueFd plain) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    relays_.remove_if([](const auto& relay) { return relay->HasEnded(); });
    relays_.push_back(
        std::make_unique<TlsRelay>(std::move(ssl), std::move(encrypted), std::move(plain)));
  }

 private:
  Mutex mutex_;
  std::list<std::unique_ptr<TlsRelay>> relays_ ABSL_GUARDED_BY(mutex_);
};

// OpenSSL's word for what went wrong last.
std::string LastError() {
  const unsigned long code = ERR_get_error();  // NOLINT(runtime/int): OpenSSL's type.
  const char* const reason = ERR_reason_error_string(code);
  return reason == nullptr ? "the connection ended" : reason;
}

absl::Status UnusableFile(const std::string& file) {
  return absl::FailedPreconditionError(absl::StrCat("cannot use ", file, ": ", LastError()));
}

absl::StatusOr<ContextPointer> NewContext(const TlsSettings& tls) {
  ContextPointer context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  ERR_clear_error();
  const bool trusts =
      tls.authority.empty()
          ? SSL_CTX_set_default_verify_paths(context.get()) == 1
          : SSL_CTX_load_verify_locations(context.get(), tls.authority.c_str(), nullptr) == 1;
  if (!trusts) return UnusableFile(tls.authority);
  if (tls.certificate.empty()) return context;
  if (SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate.c_str()) != 1) {
    return UnusableFile(tls.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), tls.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return UnusableFile(tls.key);
  }
  return context;
}

// The name, or the address, that has to be in the server's certificate.
void ExpectName(SSL* ssl, const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  const bool is_address = ::inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
                          ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
    return;
  }
  SSL_set1_host(ssl, name.c_str());
  SSL_set_tlsext_host_name(ssl, name.c_str());
}

absl::StatusOr<SslPointer> Handshake(const Endpoint& endpoint, int fd) {
  const TlsSettings& tls = *endpoint.tls;
  NOPO_ASSIGN_OR_RETURN(const ContextPointer context, NewContext(tls));
  SslPointer ssl(SSL_new(context.get()));
  ExpectName(ssl.get(), tls.server_name.empty() ? endpoint.host : tls.server_name);
  if (!tls.protocol.empty()) {
    // Each protocol is preceded by its length.
    const std::string list = static_cast<char>(tls.protocol.size()) + tls.protocol;
    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned int>(list.size()));
  }
  SSL_set_fd(ssl.get(), fd);
  ERR_clear_error();
  if (SSL_connect(ssl.get()) == 1) return ssl;
  const long verdict = SSL_get_verify_result(ssl.get());  // NOLINT(runtime/int): OpenSSL's type.
  return absl::FailedPreconditionError(
      absl::StrCat("no TLS with ", endpoint.ToString(), ": ",
                   verdict == X509_V_OK ? LastError()
                                        : absl::StrCat("its certificate is not accepted: ",
                                                       X509_verify_cert_error_string(verdict))));
}

}  // namespace

absl::StatusOr<UniqueFd> DialEndpoint(const Endpoint& endpoint, const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(UniqueFd fd, Dial(endpoint, cancellation));
  if (!endpoint.tls.has_value()) return fd;
  absl::StatusOr<SslPointer> ssl;
  {
    const auto registration = cancellation.OnCancel([&] { ::shutdown(fd.get(), SHUT_RDWR); });
    ssl = Handshake(endpoint, fd.get());
  }
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  NOPO_RETURN_IF_ERROR(ssl.status());
  std::array<int, 2> ends;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return absl::InternalError(absl::StrCat("socketpair: ", std::strerror(errno)));
  }
  UniqueFd ours(ends[0]);
  static TlsRelays relays;
  relays.Add(*std::move(ssl), std::move(fd), UniqueFd(ends[1]));
  return ours;
}

}  // namespace nopo
