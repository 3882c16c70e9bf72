// Being the frontend of a build oneself, by BuildKit's gateway protocol: what the build is to make
// is asked for, and known to the caller, before BuildKit makes it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "buildkit/gateway.pb.h"
#include "common/cancellation.h"

namespace nopo {

struct GatewayAnswer {
  // Of the question, or of handing the answer over.
  grpc::Status status = grpc::Status::CANCELLED;
  moby::buildkit::v1::frontend::Result result;
  // Whether the build has heard of it; else it would wait for ever.
  bool is_delivered = false;
};

// Has another frontend make what build `ref` exports. Blocks until the build exists and its
// frontend has ended; the build goes on after that, or ends with the same error.
GatewayAnswer AskFrontend(const std::shared_ptr<grpc::Channel>& channel, const std::string& ref,
                          const moby::buildkit::v1::frontend::SolveRequest& question,
                          const Cancellation& cancellation);

// The same with what a frontend made before: `definition` is `known`'s, on the build's session.
GatewayAnswer RepeatFrontend(const std::shared_ptr<grpc::Channel>& channel, const std::string& ref,
                             const moby::buildkit::v1::frontend::Result& known,
                             pb::Definition definition, const Cancellation& cancellation);

}  // namespace nopo
