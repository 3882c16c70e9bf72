#include "daemon/rpc/call_queue.h"

namespace nopo {

CallQueue::~CallQueue() {
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
