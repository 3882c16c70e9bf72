#include "common/endpoint.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

absl::Status ConnectError(const Endpoint& endpoint, int error) {
  const std::string message =
      absl::StrCat("cannot connect to ", endpoint.ToString(), ": ", std::strerror(error));
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  return absl::UnavailableError(message);
}

absl::StatusOr<UniqueFd> DialUnix(const Endpoint& endpoint) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (endpoint.path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("socket path of ", endpoint.path.size(), " characters is longer than ",
                     sizeof(address.sun_path) - 1, ": ", endpoint.path));
  }
  std::memcpy(address.sun_path, endpoint.path.data(), endpoint.path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ConnectError(endpoint, errno);
  int result;
  do {
    result = ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
  } while (result != 0 && errno == EINTR);
  if (result != 0) return ConnectError(endpoint, errno);
  return fd;
}

// Connects `fd`, giving up when `cancellation` fires; 0 or an error number.
int Connect(int fd, const addrinfo& address, const Cancellation& cancellation) {
  // A connection that is shut down while it is made fails at once.
  const auto registration = cancellation.OnCancel([fd] { ::shutdown(fd, SHUT_RDWR); });
  if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
  return errno;
}

absl::StatusOr<UniqueFd> DialTcp(const Endpoint& endpoint, const Cancellation& cancellation) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure =
      ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (failure != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot resolve ", endpoint.host, ": ", ::gai_strerror(failure)));
  }
  int error = ECONNREFUSED;
  UniqueFd fd;
  for (addrinfo* it = found; it != nullptr && !cancellation.IsCancelled(); it = it->ai_next) {
    fd.Reset(::socket(it->ai_family, it->ai_socktype | SOCK_CLOEXEC, it->ai_protocol));
    error = fd.valid() ? Connect(fd.get(), *it, cancellation) : errno;
    if (error == 0) break;
    fd.Reset();
  }
  ::freeaddrinfo(found);
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  if (!fd.valid()) return ConnectError(endpoint, error);
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return fd;
}

}  // namespace

std::string Endpoint::ToString() const {
  if (kind == Kind::kUnix) return absl::StrCat("unix://", path);
  return absl::StrCat("tcp://", host, ":", port);
}

absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text, int default_port) {
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix://") && !rest.empty() && rest.front() == '/') {
    return Endpoint{.kind = Endpoint::Kind::kUnix, .path = std::string(rest)};
  }
  rest = text;
  if (absl::ConsumePrefix(&rest, "tcp://") && !rest.empty()) {
    rest = absl::StripSuffix(rest, "/");
    Endpoint endpoint{
        .kind = Endpoint::Kind::kTcp, .host = std::string(rest), .port = default_port};
    const size_t colon = rest.rfind(':');
    if (colon == absl::string_view::npos) return endpoint;
    endpoint.host = std::string(rest.substr(0, colon));
    if (!endpoint.host.empty() && absl::SimpleAtoi(rest.substr(colon + 1), &endpoint.port) &&
        endpoint.port > 0 && endpoint.port < 65536) {
      return endpoint;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", text, "' is no address nopo can use; accepted are unix:///path and tcp://host:port"));
}

absl::StatusOr<UniqueFd> Dial(const Endpoint& endpoint, const Cancellation& cancellation) {
  return endpoint.kind == Endpoint::Kind::kUnix ? DialUnix(endpoint)
                                                : DialTcp(endpoint, cancellation);
}

}  // namespace nopo
