#include "common/tls_dialer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

// A server on a free port that echoes what it is sent on one connection.
class TlsEcho {
 public:
  explicit TlsEcho(const std::filesystem::path& certificates) {
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate_chain_file(context_, (certificates / "cert.pem").c_str());
    SSL_CTX_use_PrivateKey_file(context_, (certificates / "key.pem").c_str(), SSL_FILETYPE_PEM);
    listener_.Reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
    ::listen(listener_.get(), 1);
    socklen_t size = sizeof(address);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TlsEcho() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
    SSL_CTX_free(context_);
  }

  Endpoint endpoint(const TlsSettings& tls) const {
    return {.kind = Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = port_, .tls = tls};
  }

 private:
  void Serve() {
    const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
    if (!client.valid()) return;
    SSL* const ssl = SSL_new(context_);
    SSL_set_fd(ssl, client.get());
    std::string buffer(4096, '\0');
    int size = SSL_accept(ssl) == 1 ? 1 : 0;
    while (size > 0) {
      size = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()));
      if (size > 0) SSL_write(ssl, buffer.data(), size);
    }
    SSL_free(ssl);
  }

  SSL_CTX* context_;
  UniqueFd listener_;
  int port_ = 0;
  std::thread thread_;
};

class DialEndpointTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    std::string name = "/tmp/nopo-tls-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    certificates_ = name;
    MakeCertificate("cert.pem", "key.pem");
    MakeCertificate("other.pem", "other-key.pem");
  }
  void TearDown() override { std::filesystem::remove_all(certificates_); }

  void MakeCertificate(const std::string& certificate, const std::string& key) {
    const std::string command = absl::StrCat(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=nopo-test -addext "
        "subjectAltName=IP:127.0.0.1,DNS:builder -keyout ",
        (certificates_ / key).string(), " -out ", (certificates_ / certificate).string(),
        " 2>/dev/null");
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  TlsSettings Trusting(const std::string& certificate) const {
    return {.authority = certificates_ / certificate};
  }

  std::filesystem::path certificates_;
  Cancellation never_;
};

TEST_F(DialEndpointTest, CarriesBytesBothWaysHoweverMany) {
  TlsEcho server(certificates_);
  absl::StatusOr<UniqueFd> fd = DialEndpoint(server.endpoint(Trusting("cert.pem")), never_);
  ASSERT_TRUE(fd.ok()) << fd.status();
  const std::string sent(3'000'000, 'x');

  std::thread sender([&] { ::send(fd->get(), sent.data(), sent.size(), MSG_NOSIGNAL); });
  std::string received;
  std::string buffer(65536, '\0');
  while (received.size() < sent.size()) {
    const ssize_t size = ::recv(fd->get(), buffer.data(), buffer.size(), 0);
    ASSERT_GT(size, 0);
    received.append(buffer.data(), static_cast<size_t>(size));
  }
  sender.join();

  EXPECT_EQ(received, sent);
}

TEST_F(DialEndpointTest, ChecksTheServersNameAsItIsTold) {
  TlsSettings tls = Trusting("cert.pem");
  tls.server_name = "builder";
  EXPECT_TRUE(DialEndpoint(TlsEcho(certificates_).endpoint(tls), never_).ok());

  tls.server_name = "somebody-else";
  const absl::Status refused = DialEndpoint(TlsEcho(certificates_).endpoint(tls), never_).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), testing::HasSubstr("certificate"));
}

TEST_F(DialEndpointTest, TrustsNobodyWhomItsAuthorityDoesNotVouchFor) {
  TlsEcho server(certificates_);

  const absl::Status refused =
      DialEndpoint(server.endpoint(Trusting("other.pem")), never_).status();

  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(DialEndpointTest, NamesAFileThatCannotBeUsed) {
  TlsEcho server(certificates_);

  const absl::Status refused =
      DialEndpoint(server.endpoint(Trusting("absent.pem")), never_).status();

  EXPECT_THAT(refused.message(), testing::HasSubstr("absent.pem"));
}

TEST_F(DialEndpointTest, GivesUpAHandshakeThatIsCancelled) {
  // Accepts connections and says nothing.
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  socklen_t size = sizeof(address);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const Endpoint silent{.kind = Endpoint::Kind::kTcp,
                        .host = "127.0.0.1",
                        .port = ntohs(address.sin_port),
                        .tls = Trusting("cert.pem")};
  Cancellation cancellation;

  std::thread canceller([&] {
    pollfd entry{.fd = listener.get(), .events = POLLIN, .revents = 0};
    ::poll(&entry, 1, -1);
    cancellation.Cancel();
  });
  const absl::Status status = DialEndpoint(silent, cancellation).status();
  canceller.join();

  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

}  // namespace
}  // namespace nopo
