// What clients other than the CLI rely on: standard services beside the API, errors with details.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "nopo/v1/commands.grpc.pb.h"
#include "nopo/v1/lifecycle.grpc.pb.h"
#include "nopo/v1/project.grpc.pb.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

class ApiTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot();
    ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);
    channel_ = grpc::CreateChannel("unix:" + environment()["XDG_RUNTIME_DIR"] + "/nopo/nopod.sock",
                                   grpc::InsecureChannelCredentials());
  }
  v1::Caller Caller() {
    v1::Caller caller;
    caller.set_working_dir(project().string());
    for (const auto& [key, value] : environment()) (*caller.mutable_environment())[key] = value;
    return caller;
  }
  // Sends `request` to `method` as bytes and returns the first answer's bytes.
  std::string CallRaw(const std::string& method, const std::string& request) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const auto step = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    auto call = stub.PrepareCall(&context, method, &queue);
    call->StartCall(nullptr);
    if (!step()) return "";
    grpc::Slice slice(request);
    call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
    if (!step()) return "";
    grpc::ByteBuffer answer;
    call->Read(&answer, nullptr);
    if (!step()) return "";
    std::vector<grpc::Slice> slices;
    EXPECT_TRUE(answer.Dump(&slices).ok());
    std::string bytes;
    for (const grpc::Slice& part : slices) {
      bytes.append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
    context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    step();
    return bytes;
  }

  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ApiTest, AnswersHealthChecks) {
  // HealthCheckResponse{status: SERVING}
  EXPECT_EQ(CallRaw("/grpc.health.v1.Health/Check", ""), std::string("\x08\x01"));
  EXPECT_EQ(CallRaw("/grpc.health.v1.Health/Watch", ""), std::string("\x08\x01"));
}

TEST_F(ApiTest, KnowsTheHealthOfItsOwnServicesOnly) {
  const std::string build = "nopo.v1.BuildService", other = "example.v1.OtherService";

  // HealthCheckRequest{service}
  EXPECT_EQ(CallRaw("/grpc.health.v1.Health/Watch", "\x0a\x14" + build), "\x08\x01");
  EXPECT_EQ(CallRaw("/grpc.health.v1.Health/Watch", "\x0a\x17" + other), "\x08\x03");
  EXPECT_EQ(CallRaw("/grpc.health.v1.Health/Check", "\x0a\x17" + other), "");  // NOT_FOUND
}

TEST_F(ApiTest, ReflectsItsServices) {
  // ServerReflectionRequest{list_services: ""}
  const std::string services = CallRaw(
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", std::string("\x3a\x00", 2));

  for (const char* name : {"Lifecycle", "Build", "Commands", "Project", "Environment", "Daemon"}) {
    EXPECT_THAT(services, HasSubstr(std::string("nopo.v1.") + name + "Service"));
  }
}

TEST_F(ApiTest, ConfigurationErrorsNameEachPlace) {
  Write("apps/web/nopo.yml", "infrastructure: {port: many}\n");
  v1::ListTargetsRequest request;
  *request.mutable_caller() = Caller();
  grpc::ClientContext context;
  v1::ListTargetsResponse response;

  const grpc::Status status =
      v1::ProjectService::NewStub(channel_)->ListTargets(&context, request, &response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad;
  ASSERT_GE(details.details_size(), 2);
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  ASSERT_TRUE(details.details(1).UnpackTo(&bad));
  EXPECT_EQ(info.domain(), "nopo");
  EXPECT_EQ(info.reason(), "CONFIGURATION");
  EXPECT_THAT(bad.field_violations(0).field(), HasSubstr("apps/web/nopo.yml:1:"));
}

TEST_F(ApiTest, AClientOfAnotherVersionIsToldAndTheDaemonMakesRoom) {
  const int before = DaemonPid();
  v1::ListTargetsRequest request;
  *request.mutable_caller() = Caller();
  grpc::ClientContext context;
  context.AddMetadata("nopo-version", "0.0.1");
  v1::ListTargetsResponse response;

  const grpc::Status status =
      v1::ProjectService::NewStub(channel_)->ListTargets(&context, request, &response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("0.0.1"));
  EXPECT_NE(DaemonPid(), before);
}

TEST_F(ApiTest, ARetiredDaemonFinishesWhatRuns) {
  Write("apps/web/nopo.yml",
        "commands: {wait: 'echo begun; while [ ! -e go ]; do sleep 0.05; done; echo finished'}\n");
  const auto running = StartNopo({"wait", "web"});
  ASSERT_TRUE(running->WaitForOutput("begun", absl::Seconds(60)));
  v1::ListTargetsRequest request;
  *request.mutable_caller() = Caller();
  grpc::ClientContext context;
  context.AddMetadata("nopo-version", "0.0.1");
  v1::ListTargetsResponse response;
  EXPECT_FALSE(
      v1::ProjectService::NewStub(channel_)->ListTargets(&context, request, &response).ok());

  Write("apps/web/go", "");

  const ProcessOutcome outcome = running->Wait(absl::Minutes(1));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("finished"));
}

TEST_F(ApiTest, ARetiredDaemonEndsAWatchBetweenItsRounds) {
  const auto watch = StartNopo({"watch"});
  ASSERT_TRUE(watch->WaitForOutput("watching 0 targets", absl::Seconds(60)));
  v1::ListTargetsRequest request;
  *request.mutable_caller() = Caller();
  grpc::ClientContext context;
  context.AddMetadata("nopo-version", "0.0.1");
  v1::ListTargetsResponse response;

  EXPECT_FALSE(
      v1::ProjectService::NewStub(channel_)->ListTargets(&context, request, &response).ok());

  const ProcessOutcome outcome = watch->Wait(absl::Minutes(1));
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_THAT(outcome.err, HasSubstr("hint: run `nopo watch` again"));
}

// The output of the task that has the terminal, up to the end of the call.
std::string ReadTerminal(
    grpc::ClientReaderWriter<v1::RunOnTerminalRequest, v1::RunOnTerminalResponse>& stream) {
  std::string output;
  for (v1::RunOnTerminalResponse response; stream.Read(&response);) {
    output += response.event().task_output().data();
  }
  return output;
}

TEST_F(ApiTest, TypesOnTheTerminalOfATaskAndEndsItsInput) {
  Write("apps/web/nopo.yml", "commands: {dev: 'stty size; read name; echo hello $name; cat'}\n");
  grpc::ClientContext context;
  const auto stream = v1::CommandsService::NewStub(channel_)->RunOnTerminal(&context);
  v1::RunOnTerminalRequest request;
  *request.mutable_run()->mutable_caller() = Caller();
  request.mutable_run()->add_words("dev");
  request.mutable_size()->set_columns(111);
  request.mutable_size()->set_rows(40);
  ASSERT_TRUE(stream->Write(request));
  request.Clear();
  request.set_typed("Ada\r");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->WritesDone());  // Ctrl-D

  const std::string output = ReadTerminal(*stream);

  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(output, HasSubstr("40 111\r\n"));
  EXPECT_THAT(output, HasSubstr("hello Ada\r\n"));
}

TEST_F(ApiTest, ATerminalWithoutARequestIsRefused) {
  grpc::ClientContext context;
  const auto stream = v1::CommandsService::NewStub(channel_)->RunOnTerminal(&context);
  ASSERT_TRUE(stream->WritesDone());

  EXPECT_EQ(ReadTerminal(*stream), "");

  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ApiTest, AClientThatDoesNotReadHoldsATaskOnATerminalUpInsteadOfFillingMemory) {
  // Without back-pressure the task would be through and the call over; with it, it is still at it
  // when the client closes the terminal.
  Write("apps/web/nopo.yml",
        "commands: {dev: 'trap \"echo > hung-up; exit\" HUP; head -c 50000000 /dev/zero; echo > "
        "through'}\n");
  grpc::ClientContext context;
  const auto stream = v1::CommandsService::NewStub(channel_)->RunOnTerminal(&context);
  v1::RunOnTerminalRequest request;
  *request.mutable_run()->mutable_caller() = Caller();
  request.mutable_run()->add_words("dev");
  ASSERT_TRUE(stream->Write(request));
  v1::RunOnTerminalResponse response;
  while (stream->Read(&response) && !response.event().has_task_output()) continue;

  context.TryCancel();

  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Eventually([&] { return std::filesystem::exists(project() / "apps/web/hung-up"); }));
  EXPECT_FALSE(std::filesystem::exists(project() / "apps/web/through"));
}

class ExecApiTest : public ApiTest {
 protected:
  using Stream = grpc::ClientReaderWriter<v1::ExecRequest, v1::ExecResponse>;

  void SetUp() override {
    ApiTest::SetUp();
    if (IsSkipped()) return;
    WriteService("web", "infrastructure: {command: sleep 1000}\n");
    ASSERT_EQ(Nopo({"up"}).exit_code, 0);
    stream_ = v1::CommandsService::NewStub(channel_)->Exec(&context_);
  }
  // Starts `line` in web and types `typed`.
  void Exec(const std::string& line, const std::string& typed) {
    v1::ExecRequest request;
    *request.mutable_start()->mutable_caller() = Caller();
    request.mutable_start()->mutable_selection()->add_targets("web");
    for (const std::string& word : {std::string("sh"), std::string("-c"), line}) {
      request.mutable_start()->add_command(word);
    }
    ASSERT_TRUE(stream_->Write(request));
    request.set_typed(typed);
    ASSERT_TRUE(stream_->Write(request));
  }
  // Reads to the end, or until the output has `text`.
  std::string ReadUntil(const std::string& text) {
    std::string output;
    v1::ExecResponse response;
    while (output.find(text) == output.npos && stream_->Read(&response)) {
      output += response.event().task_output().data();
    }
    return output;
  }

  grpc::ClientContext context_;
  std::unique_ptr<Stream> stream_;
};

TEST_F(ExecApiTest, EndsTheInputOfACommandWhenToldThatItIsAll) {
  Exec("cat; echo ' is all'", "this");
  v1::ExecRequest end;
  end.set_typed_all(true);
  ASSERT_TRUE(stream_->Write(end));

  EXPECT_EQ(ReadUntil("is all\n"), "this is all\n");

  EXPECT_EQ(ReadUntil("more"), "");
  EXPECT_TRUE(stream_->Finish().ok());
}

// Or `psql < dump.sql` would commit a half.
TEST_F(ExecApiTest, AClientThatGoesAwayDoesNotLookLikeOneThatHasSentAll) {
  Exec("cat; touch /got-all", "half");
  ASSERT_EQ(ReadUntil("half"), "half");

  stream_->WritesDone();
  context_.TryCancel();

  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Eventually([&] {
    return Nopo({"exec", "web", "ps"}).out.find("got-all") == std::string::npos;
  }));
  EXPECT_EQ(Nopo({"exec", "web", "test", "-e", "/got-all"}).exit_code, 1);
}

TEST_F(ExecApiTest, IsRefusedWithoutARequest) {
  ASSERT_TRUE(stream_->WritesDone());

  EXPECT_EQ(ReadUntil("anything"), "");

  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ApiTest, ClosingAStreamCancelsItsOperation) {
  Write("apps/web/nopo.yml",
        "infrastructure: {}\ncompose: {command: sleep 600, healthcheck: {test: [CMD, 'false'],"
        " interval: 1m}, stop_grace_period: 0s}\n");
  v1::UpRequest request;
  *request.mutable_caller() = Caller();
  grpc::ClientContext context;
  auto stream = v1::LifecycleService::NewStub(channel_)->Up(&context, request);
  v1::UpResponse response;
  while (stream->Read(&response) && !response.event().has_task_progress()) {
  }

  context.TryCancel();

  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // Another writing operation gets its turn: the cancelled one has ended.
  EXPECT_EQ(Nopo({"down"}).exit_code, 0);
}

}  // namespace
}  // namespace nopo
