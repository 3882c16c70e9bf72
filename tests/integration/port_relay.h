// Shows a unix socket at a port of the loopback address, plainly or with TLS, through socat.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "tests/integration/process.h"

namespace nopo {

class PortRelay {
 public:
  // `environment` is the program's. With `certificates`, a folder as MakeCertificates fills it, the
  // port wants TLS and a certificate of the client.
  PortRelay(const std::filesystem::path& socket,
            const std::map<std::string, std::string>& environment,
            const std::filesystem::path& certificates = "");

  // "tcp://127.0.0.1:40001"
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::unique_ptr<TestProcess> process_;
};

// Puts ca.pem, cert.pem and key.pem into `folder`: a certificate of 127.0.0.1, good for both sides,
// that vouches for itself.
void MakeCertificates(const std::filesystem::path& folder,
                      const std::map<std::string, std::string>& environment);

}  // namespace nopo
