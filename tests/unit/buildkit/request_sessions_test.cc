// Sessions as an engine meets them, and when images share one.
#include "daemon/buildkit/request_sessions.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "buildkit/session.grpc.pb.h"
#include "daemon/buildkit/buildkit_client.h"
#include "tests/unit/buildkit/session_listener.h"

namespace nopo {
namespace {

using fsutil::types::Packet;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using Files = std::map<std::string, std::string>;

SyncedDirectories Directories(const Files& context, const Files& dockerfile = {}) {
  return {{kContextDirectory, std::make_shared<MemoryDirectory>(context)},
          {"dockerfile-1", std::make_shared<MemoryDirectory>(dockerfile)}};
}

class RequestSessionsTest : public testing::Test {
 protected:
  // What the call /grpc.health.v1.Health/Check says, with no service named: bytes of its answer.
  static std::string CheckHealth(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::GenericStub stub(channel);
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const grpc::Slice no_service;
    const auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check",
                                            grpc::ByteBuffer(&no_service, 1), &queue);
    grpc::ByteBuffer answer;
    grpc::Status status;
    call->StartCall();
    call->Finish(&answer, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    if (!status.ok()) return status.error_message();
    std::vector<grpc::Slice> slices;
    std::string bytes;
    if (answer.Dump(&slices).ok()) {
      for (const grpc::Slice& slice : slices) bytes.append(slice.begin(), slice.end());
    }
    return bytes;
  }

  // The paths in a directory, as the engine lists it.
  static std::vector<std::string> List(const std::shared_ptr<grpc::Channel>& channel,
                                       const std::string& directory, int exclude_patterns = 0) {
    const auto stub = moby::filesync::v1::FileSync::NewStub(channel);
    grpc::ClientContext context;
    context.AddMetadata("dir-name", directory);
    for (int i = 0; i < exclude_patterns; ++i) {
      context.AddMetadata("exclude-patterns", absl::StrCat("**/no-such-directory/", i, "/*.o"));
    }
    const auto stream = stub->DiffCopy(&context);
    std::vector<std::string> paths;
    Packet packet;
    while (stream->Read(&packet) && packet.has_stat()) paths.push_back(packet.stat().path());
    packet.Clear();
    packet.set_type(Packet::FIN);
    stream->Write(packet);
    while (stream->Read(&packet)) {
    }
    const grpc::Status status = stream->Finish();
    if (!status.ok()) paths.push_back(status.error_message());
    return paths;
  }

  std::shared_ptr<BuildSession> Serve(const std::string& context_key,
                                      const SyncedDirectories& directories) {
    auto session = sessions_.Serving(context_key, {}, {directories, {}, {}}, control_, never_);
    EXPECT_TRUE(session.ok()) << session.status();
    return session.ok() ? *session : nullptr;
  }

  SessionListener engine_;
  const BuildkitClient client_{BuildkitAddress{engine_.endpoint()}};  // Prepares gRPC.
  RequestSessions sessions_{BuildkitAddress{engine_.endpoint()}, "machine"};
  std::shared_ptr<grpc::Channel> control_;
  const Cancellation never_;
};

TEST_F(RequestSessionsTest, OpensNothingUnasked) { EXPECT_THAT(engine_.offered(), SizeIs(0)); }

TEST_F(RequestSessionsTest, TellsTheEngineWhichCopyToCompareWithAndWhatItCanCall) {
  const auto session = Serve("context-key", Directories({}));

  EXPECT_THAT(engine_.offered().at(0).request,
              AllOf(HasSubstr("POST /session HTTP/1.1\r\n"),
                    HasSubstr(absl::StrCat("Session-Uuid: ", session->id(), "\r\n")),
                    HasSubstr("Session-Sharedkey: machine-context-key\r\n"),
                    HasSubstr("Grpc-Method: /moby.filesync.v1.FileSync/DiffCopy\r\n"),
                    HasSubstr("Grpc-Method: /grpc.health.v1.Health/Check\r\n")));
}

// An engine that gets no answer ends the session: 20.10 after a second, 26 after five.
TEST_F(RequestSessionsTest, AnswersTheEnginesHealthChecks) {
  const auto session = Serve("key", Directories({}));

  EXPECT_EQ(CheckHealth(engine_.offered().at(0).channel), "\x08\x01") << "field 1: SERVING";
}

// gRPC's own limit is 8 KiB, about a hundred patterns.
TEST_F(RequestSessionsTest, TakesThousandsOfPatterns) {
  const auto session = Serve("key", Directories({{"kept", ""}}));

  EXPECT_THAT(List(engine_.offered().at(0).channel, kContextDirectory, 4000), ElementsAre("kept"));
}

TEST_F(RequestSessionsTest, ImagesOfOneContextShareASessionWithTheirDockerfiles) {
  const auto web = Serve("key", Directories({{"file", ""}}));
  SyncedDirectories api = Directories({{"file", ""}});
  api.erase("dockerfile-1");
  api["dockerfile-2"] = std::make_shared<MemoryDirectory>(Files{{"api.Dockerfile", ""}});

  EXPECT_EQ(Serve("key", api), web);

  ASSERT_THAT(engine_.offered(), SizeIs(1));
  const auto channel = engine_.offered().at(0).channel;
  EXPECT_THAT(List(channel, kContextDirectory), ElementsAre("file"));
  EXPECT_THAT(List(channel, "dockerfile-2"), ElementsAre("api.Dockerfile"));
}

TEST_F(RequestSessionsTest, AnEditWithinARequestMakesANewSession) {
  const auto before = Serve("key", Directories({{"file", "one"}}));

  const auto after = Serve("key", Directories({{"file", "two"}}));

  EXPECT_NE(before, after);
  EXPECT_THAT(engine_.offered(), SizeIs(2));
  EXPECT_EQ(Serve("key", Directories({{"file", "two"}})), after);
}

TEST_F(RequestSessionsTest, AnotherContextHasAnotherSession) {
  EXPECT_NE(Serve("web", Directories({})), Serve("api", Directories({})));
}

TEST_F(RequestSessionsTest, AnotherConnectionToTheEngineMakesANewSession) {
  const auto before = Serve("key", Directories({}));

  control_ = grpc::CreateChannel("unix:/nonexistent", grpc::InsecureChannelCredentials());

  EXPECT_NE(Serve("key", Directories({})), before);
}

TEST_F(RequestSessionsTest, ACancelledRequestOpensNothing) {
  Cancellation cancellation;
  cancellation.Cancel();

  const auto session = sessions_.Serving("key", {}, {}, control_, cancellation);

  EXPECT_TRUE(absl::IsCancelled(session.status()));
}

TEST_F(RequestSessionsTest, CountsWhatWentOverOnce) {
  const auto session = Serve("key", Directories({{"file", ""}}));
  List(engine_.offered().at(0).channel, kContextDirectory);

  EXPECT_GT(session->TakeBytesSent(kContextDirectory), 0);
  EXPECT_EQ(session->TakeBytesSent(kContextDirectory), 0);
  EXPECT_EQ(session->TakeBytesSent("dockerfile-1"), 0);
}

}  // namespace
}  // namespace nopo
