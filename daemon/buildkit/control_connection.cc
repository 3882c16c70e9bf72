#include "daemon/buildkit/control_connection.h"

#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>

#include <utility>

#include "common/error.h"
#include "common/status_macros.h"
#include "common/tls_dialer.h"
#include "daemon/buildkit/http_upgrade.h"

namespace nopo {
namespace {

absl::StatusOr<UniqueFd> DialBuildkitd(const BuildkitAddress& address,
                                       const Cancellation& cancellation) {
  absl::StatusOr<UniqueFd> fd = DialEndpoint(address.endpoint, cancellation);
  if (fd.ok() || absl::IsCancelled(fd.status())) return fd;
  const absl::Status failure =
      WithPrefix(WithReason(fd.status(), Reason::kNetwork), "no BuildKit: ");
  return WithHint(
      failure,
      "Start buildkitd there, or unset BUILDKIT_HOST or DOCKER_BUILDER to build with the "
      "engine's own BuildKit.");
}

}  // namespace

ControlConnection::ControlConnection(BuildkitAddress address) : address_(std::move(address)) {}
ControlConnection::~ControlConnection() = default;

absl::StatusOr<ControlConnection::Lease> ControlConnection::Connect(
    const Cancellation& cancellation) {
  Lease lease;
  const auto dial = [&]() -> absl::StatusOr<std::shared_ptr<grpc::Channel>> {
    lease.is_new = true;
    NOPO_ASSIGN_OR_RETURN(
        UniqueFd fd, address_.in_engine ? DialUpgraded(address_.endpoint, "/grpc", {}, cancellation)
                                        : DialBuildkitd(address_, cancellation));
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetMaxSendMessageSize(-1);
    return grpc::CreateCustomInsecureChannelFromFd("localhost", fd.Release(), arguments);
  };
  NOPO_ASSIGN_OR_RETURN(lease.channel, channel_.Get(cancellation, dial));
  return lease;
}

void ControlConnection::Drop(const std::shared_ptr<grpc::Channel>& channel) {
  channel_.Forget(channel);
}

}  // namespace nopo
