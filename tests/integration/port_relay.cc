#include "tests/integration/port_relay.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/endpoint.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

constexpr absl::Duration kLimit = absl::Minutes(1);

}  // namespace

PortRelay::PortRelay(const std::filesystem::path& socket,
                     const std::map<std::string, std::string>& environment,
                     const std::filesystem::path& certificates) {
  const std::string kind = certificates.empty() ? "TCP-LISTEN" : "OPENSSL-LISTEN";
  const std::string options =
      certificates.empty() ? ""
                           : absl::StrCat(",verify=1,cert=", (certificates / "cert.pem").string(),
                                          ",key=", (certificates / "key.pem").string(),
                                          ",cafile=", (certificates / "ca.pem").string());
  // Another process may have the port: socat ends then, saying so.
  for (int port = 23000 + ::getpid() % 4000; address_.empty() && port < 32000; ++port) {
    process_ = std::make_unique<TestProcess>(
        std::vector<std::string>{
            "socat", absl::StrCat(kind, ":", port, ",bind=127.0.0.1,fork,reuseaddr", options),
            "UNIX-CONNECT:" + socket.string()},
        environment, "/");
    const Endpoint endpoint{.kind = Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = port};
    const bool decided =
        Eventually([&] { return !process_->Output().empty() || Dial(endpoint).ok(); });
    // socat talks of a connection that said nothing, too: what it cannot do it says at once.
    if (decided && process_->Output().find("bind") == std::string::npos) {
      address_ = endpoint.ToString();
    }
  }
  EXPECT_NE(address_, "") << "socat listens nowhere";
}

void MakeCertificates(const std::filesystem::path& folder,
                      const std::map<std::string, std::string>& environment) {
  std::filesystem::create_directories(folder);
  const ProcessOutcome made =
      TestProcess({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                   "-subj", "/CN=nopo-test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                   folder / "key.pem", "-out", folder / "cert.pem"},
                  environment, "/")
          .Wait(kLimit);
  EXPECT_EQ(made.exit_code, 0) << made.err;
  std::filesystem::copy_file(folder / "cert.pem", folder / "ca.pem");
}

}  // namespace nopo
