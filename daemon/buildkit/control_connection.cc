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

absl::Status Explained(const absl::Status& failure) {
  if (absl::IsCancelled(failure)) return failure;
  return WithHint(
      WithPrefix(WithReason(failure, Reason::kNetwork), "no BuildKit: "),
      "Start buildkitd there, or unset BUILDKIT_HOST or DOCKER_BUILDER to build with the "
      "engine's own BuildKit.");
}

}  // namespace

ControlConnection::ControlConnection(BuildkitAddress address, BuildkitDialer dialer)
    : address_(std::move(address)), dialer_(std::move(dialer)) {}
ControlConnection::~ControlConnection() = default;

absl::StatusOr<UniqueFd> ControlConnection::Dial(const Cancellation& cancellation) const {
  if (address_.in_engine) return DialUpgraded(address_.endpoint, "/grpc", {}, cancellation);
  absl::StatusOr<UniqueFd> fd =
      dialer_ ? dialer_(cancellation) : DialEndpoint(address_.endpoint, cancellation);
  if (!fd.ok()) return Explained(fd.status());
  return fd;
}

absl::StatusOr<ControlConnection::Lease> ControlConnection::Connect(
    const Cancellation& cancellation) {
  Lease lease;
  const auto dial = [&]() -> absl::StatusOr<std::shared_ptr<grpc::Channel>> {
    lease.is_new = true;
    NOPO_ASSIGN_OR_RETURN(UniqueFd fd, Dial(cancellation));
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
