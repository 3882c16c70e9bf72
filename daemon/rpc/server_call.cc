#include "daemon/rpc/server_call.h"

#include "common/mutex.h"

namespace nopo {
namespace {

struct Living {
  Mutex mutex;
  CondVar changed;
  int calls ABSL_GUARDED_BY(mutex) = 0;
};

Living& living() {
  static auto* const value = new Living();
  return *value;
}

}  // namespace

ServerCall::ServerCall() {
  Living& all = living();
  MutexLock lock(all.mutex);
  ++all.calls;
}

ServerCall::~ServerCall() {
  Living& all = living();
  MutexLock lock(all.mutex);
  if (--all.calls == 0) all.changed.NotifyAll();
}

void ServerCall::AwaitNone(absl::Time deadline) {
  Living& all = living();
  MutexLock lock(all.mutex);
  while (all.calls > 0 && all.changed.WaitUntil(all.mutex, deadline)) {
  }
}

void* ServerCall::Step::Begin() {
  ++call_.outstanding_;
  return tag();
}

void ServerCall::Step::Complete(bool ok) {
  then_(ok);
  call_.Release();
}

void ServerCall::Accept() {
  context_.AsyncNotifyWhenDone(over_.Begin());
  AcceptNext(accepted_.Begin());
}

void ServerCall::OnAccepted(bool ok) {
  if (!ok) {
    Release();  // For `over_`, of which nothing is heard when there is no call.
    return;
  }
  Successor()->Accept();
  Begin();
}

void ServerCall::Release() {
  if (--outstanding_ == 0) delete this;
}

}  // namespace nopo
