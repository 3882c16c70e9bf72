#include "daemon/buildkit/http_upgrade.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/tls_dialer.h"

namespace nopo {
namespace {

constexpr size_t kMaxAnswer = 64 << 10;
constexpr char kEndOfHeaders[] = "\r\n\r\n";

absl::Status Broken(absl::string_view what, int error) {
  return MakeError(absl::StatusCode::kUnavailable, Reason::kEngineUnavailable,
                   absl::StrCat("the engine closed the connection while ", what,
                                error == 0 ? "" : ": ", error == 0 ? "" : std::strerror(error)));
}

absl::Status SendAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return Broken("it was asked for BuildKit", errno);
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

// Reads up to and including the blank line; what follows stays in the socket.
absl::StatusOr<std::string> ReceiveHeaders(int fd) {
  std::string answer;
  std::array<char, 4096> buffer;
  while (answer.size() < kMaxAnswer) {
    const ssize_t peeked = ::recv(fd, buffer.data(), buffer.size(), MSG_PEEK);
    if (peeked < 0 && errno == EINTR) continue;
    if (peeked <= 0) return Broken("answering for BuildKit", peeked < 0 ? errno : 0);
    const size_t before = answer.size();
    answer.append(buffer.data(), static_cast<size_t>(peeked));
    const size_t end = answer.find(kEndOfHeaders);
    if (end != std::string::npos) answer.resize(end + sizeof(kEndOfHeaders) - 1);
    // Peeked already, so this much is there.
    ::recv(fd, buffer.data(), answer.size() - before, 0);
    if (end != std::string::npos) return answer;
  }
  return absl::InternalError("the engine's answer has no end");
}

absl::Status SetNonBlocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
    return absl::InternalError(absl::StrCat("fcntl: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status UpgradeConnection(int fd, absl::string_view path, const HttpHeaders& headers) {
  std::string request = absl::StrCat("POST ", path,
                                     " HTTP/1.1\r\nHost: docker\r\n"
                                     "Connection: Upgrade\r\nUpgrade: h2c\r\n");
  for (const auto& [name, value] : headers) absl::StrAppend(&request, name, ": ", value, "\r\n");
  NOPO_RETURN_IF_ERROR(SendAll(fd, absl::StrCat(request, "\r\n")));
  NOPO_ASSIGN_OR_RETURN(const std::string answer, ReceiveHeaders(fd));
  if (absl::StartsWith(answer, "HTTP/1.1 101 ")) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kEngineFailed,
                   absl::StrCat("the engine does not offer BuildKit: POST ", path, " answered '",
                                answer.substr(0, answer.find("\r\n")), "'"),
                   {"nopo builds with Docker Engine 20.10 or newer"});
}

absl::StatusOr<UniqueFd> DialUpgraded(const Endpoint& engine, absl::string_view path,
                                      const HttpHeaders& headers,
                                      const Cancellation& cancellation) {
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  absl::StatusOr<UniqueFd> fd = DialEndpoint(engine, cancellation);
  if (absl::IsUnavailable(fd.status())) {
    return WithReason(fd.status(), Reason::kEngineUnavailable);
  }
  NOPO_RETURN_IF_ERROR(fd.status());
  {
    // An engine that is stopped or overloaded accepts connections and then says nothing.
    const auto registration = cancellation.OnCancel([&] { ::shutdown(fd->get(), SHUT_RDWR); });
    const absl::Status upgraded = UpgradeConnection(fd->get(), path, headers);
    NOPO_RETURN_IF_ERROR(cancellation.Check());
    NOPO_RETURN_IF_ERROR(upgraded);
  }
  NOPO_RETURN_IF_ERROR(SetNonBlocking(fd->get()));
  return fd;
}

}  // namespace nopo
