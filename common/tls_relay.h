// Carries bytes between a plain socket and an encrypted connection. Internal to tls_dialer.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "common/unique_fd.h"

namespace nopo {

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPointer = std::unique_ptr<SSL, SslDeleter>;

class TlsRelay {
 public:
  // `ssl` is connected over `encrypted`. Works on a thread of its own until one side ends.
  TlsRelay(SslPointer ssl, UniqueFd encrypted, UniqueFd plain);
  // Ends the connection.
  ~TlsRelay();

  bool HasEnded() const { return ended_; }

 private:
  void Run();
  // Each carries what it can without waiting; false when its direction has ended.
  bool CarryIn();
  bool CarryOut();
  void Wait();

  const SslPointer ssl_;
  const UniqueFd encrypted_, plain_;
  std::string in_, out_;  // Under way: decrypted, and still to be encrypted.
  bool wants_to_write_ = false;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace nopo
