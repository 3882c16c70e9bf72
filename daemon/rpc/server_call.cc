#include "daemon/rpc/server_call.h"

namespace nopo {

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
