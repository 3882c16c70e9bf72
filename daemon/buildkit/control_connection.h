// The connection on which builds are asked for, shared by all of them.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "common/shared_value.h"
#include "common/unique_fd.h"
#include "daemon/buildkit/buildkit_address.h"

namespace grpc {
class Channel;
}

namespace nopo {

// Thread-safe. Connects when first needed; the channel itself never reconnects, so whoever sees it
// fail says so with Drop.
class ControlConnection {
 public:
  struct Lease {
    std::shared_ptr<grpc::Channel> channel;
    bool is_new = false;  // Made for this call: what it fails with is not old news.
  };

  ControlConnection(BuildkitAddress address, BuildkitDialer dialer);
  ~ControlConnection();

  const BuildkitAddress& address() const { return address_; }

  // Errors: those of DialUpgraded; of a buildkitd's own, UNAVAILABLE (NETWORK).
  absl::StatusOr<Lease> Connect(const Cancellation& cancellation);

  // Forgets `channel`, if it is still the one kept.
  void Drop(const std::shared_ptr<grpc::Channel>& channel);

 private:
  absl::StatusOr<UniqueFd> Dial(const Cancellation& cancellation) const;

  const BuildkitAddress address_;
  const BuildkitDialer dialer_;
  SharedValue<grpc::Channel> channel_;
};

}  // namespace nopo
