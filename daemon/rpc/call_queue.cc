#include "daemon/rpc/call_queue.h"

#include "absl/time/clock.h"
#include "daemon/rpc/server_call.h"

namespace nopo {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace

// gRPC's server does not wait for calls whose connection is gone, and aborts the process when one
// of them is answered on a queue that was shut down.
CallQueue::~CallQueue() {
  if (thread_.joinable()) ServerCall::AwaitNone(absl::Now() + kPatience);
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    Work();
  }
}

void CallQueue::Start() {
  thread_ = std::thread([this] { Work(); });
}

void CallQueue::Work() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<Completion*>(tag)->Complete(ok);
}

}  // namespace nopo
