// Stands in for nopod where the CLI is tested: speaks the API on NOPO_SOCKET and answers every
// operation with the same scripted events.
//
// Script (file in FAKE_NOPOD_SCRIPT): a line is "PAUSE_MS EVENT", EVENT in protobuf's JSON mapping
// of nopo.v1.Event; "status CODE REASON MESSAGE" ends it with an error; "garbled" is an event that
// cannot be parsed; "version TEXT" makes the daemon of another version. Lines that start with # are
// skipped.
#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/runtime_paths.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "nopo/v1/build.grpc.pb.h"
#include "nopo/v1/commands.grpc.pb.h"
#include "nopo/v1/daemon.grpc.pb.h"
#include "nopo/v1/lifecycle.grpc.pb.h"
#include "nopo/v1/project.grpc.pb.h"

namespace nopo {
namespace {

struct ScriptedEvent {
  int pause_ms = 0;
  v1::Event event;
};

struct Script {
  std::vector<ScriptedEvent> events;
  grpc::Status outcome = grpc::Status::OK;
  std::string version = NOPO_VERSION;
};

grpc::Status MakeStatus(int code, const std::string& reason, const std::string& message) {
  google::rpc::ErrorInfo error;
  error.set_reason(reason);
  error.set_domain("nopo");
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(message);
  details.add_details()->PackFrom(error);
  return {static_cast<grpc::StatusCode>(code), message, details.SerializeAsString()};
}

Script ReadScript(const std::string& file) {
  Script script;
  std::ifstream input(file);
  for (std::string line; std::getline(input, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string first, rest;
    words >> first;
    if (first == "status") {
      int code = 0;
      std::string reason;
      words >> code >> reason >> std::ws;
      std::getline(words, rest);
      script.outcome = MakeStatus(code, reason, rest);
    } else if (first == "garbled") {
      ScriptedEvent scripted;
      scripted.event.mutable_task_started()->set_task("\xff");  // Not UTF-8.
      script.events.push_back(scripted);
    } else if (first == "version") {
      words >> script.version;
    } else {
      ScriptedEvent scripted{.pause_ms = std::atoi(first.c_str())};
      std::getline(words >> std::ws, rest);
      if (!google::protobuf::util::JsonStringToMessage(rest, &scripted.event).ok()) std::abort();
      script.events.push_back(scripted);
    }
  }
  return script;
}

// Ends the program once; what waits for it is the main thread.
class Ending {
 public:
  void Announce() {
    const std::lock_guard lock(mutex_);
    announced_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return announced_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool announced_ = false;
};

// The version handshake, as docs in daemon.proto describe it.
grpc::Status CheckVersion(const grpc::ServerContext& context, const Script& script,
                          Ending& ending) {
  const auto found = context.client_metadata().find("nopo-version");
  if (found == context.client_metadata().end()) return grpc::Status::OK;
  if (std::string(found->second.data(), found->second.size()) == script.version) {
    return grpc::Status::OK;
  }
  ending.Announce();
  return MakeStatus(grpc::StatusCode::FAILED_PRECONDITION, "VERSION_MISMATCH", "other version");
}

template <typename Response>
grpc::Status Play(const Script& script, grpc::ServerContext& context,
                  grpc::internal::WriterInterface<Response>& writer) {
  for (const ScriptedEvent& scripted : script.events) {
    for (int waited = 0; waited < scripted.pause_ms && !context.IsCancelled(); waited += 5) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (context.IsCancelled()) return grpc::Status::CANCELLED;
    Response response;
    *response.mutable_event() = scripted.event;
    writer.Write(response, grpc::WriteOptions());
  }
  return script.outcome;
}

class FakeLifecycle final : public v1::LifecycleService::Service {
 public:
  FakeLifecycle(const Script& script, Ending& ending) : script_(script), ending_(ending) {}
  grpc::Status Up(grpc::ServerContext* context, const v1::UpRequest*,
                  grpc::ServerWriter<v1::UpResponse>* writer) override {
    const grpc::Status version = CheckVersion(*context, script_, ending_);
    return version.ok() ? Play(script_, *context, *writer) : version;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::GetStatusResponse* response) override {
    response->set_output("all well");
    return grpc::Status::OK;
  }

 private:
  const Script& script_;
  Ending& ending_;
};

class FakeBuild final : public v1::BuildService::Service {
 public:
  explicit FakeBuild(const Script& script) : script_(script) {}
  grpc::Status Build(grpc::ServerContext* context, const v1::BuildRequest*,
                     grpc::ServerWriter<v1::BuildResponse>* writer) override {
    return Play(script_, *context, *writer);
  }

 private:
  const Script& script_;
};

class FakeCommands final : public v1::CommandsService::Service {
 public:
  explicit FakeCommands(const Script& script) : script_(script) {}
  grpc::Status Run(grpc::ServerContext* context, const v1::RunRequest*,
                   grpc::ServerWriter<v1::RunResponse>* writer) override {
    return Play(script_, *context, *writer);
  }
  grpc::Status Exec(grpc::ServerContext* context,
                    grpc::ServerReaderWriter<v1::ExecResponse, v1::ExecRequest>* stream) override {
    return Play(script_, *context, *stream);
  }

 private:
  const Script& script_;
};

class FakeProject final : public v1::ProjectService::Service {
 public:
  FakeProject(const Script& script, Ending& ending) : script_(script), ending_(ending) {}
  grpc::Status ListTargets(grpc::ServerContext* context, const v1::ListTargetsRequest* request,
                           v1::ListTargetsResponse* response) override {
    const grpc::Status version = CheckVersion(*context, script_, ending_);
    if (!version.ok()) return version;
    response->set_output(request->format() == v1::OUTPUT_FORMAT_CSV ? "api,web" : "{}");
    return grpc::Status::OK;
  }

 private:
  const Script& script_;
  Ending& ending_;
};

class FakeDaemon final : public v1::DaemonService::Service {
 public:
  explicit FakeDaemon(Ending& ending) : ending_(ending) {}
  grpc::Status GetDaemon(grpc::ServerContext*, const v1::GetDaemonRequest*,
                         v1::GetDaemonResponse* response) override {
    response->set_version(NOPO_VERSION);
    response->set_pid(::getpid());
    return grpc::Status::OK;
  }
  grpc::Status Stop(grpc::ServerContext*, const v1::StopRequest*, v1::StopResponse*) override {
    ending_.Announce();
    return grpc::Status::OK;
  }

 private:
  Ending& ending_;
};

int DescriptorFrom(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? -1 : std::atoi(text);
}

// Tells who started us that we listen; see cli/daemon_process.h.
void AnnounceReady(int fd, const char* text) {
  if (fd < 0) return;
  (void)!::write(fd, text, std::char_traits<char>::length(text));
  ::close(fd);
}

// Ends the program when the descriptor reports its end, on a thread of its own.
void EndWithParent(int fd, Ending& ending) {
  std::thread([fd, &ending] {
    char byte;
    while (::read(fd, &byte, 1) > 0) {
    }
    ending.Announce();
  }).detach();
}

int Serve() {
  const auto paths = FindRuntimePaths(ReadProcessEnvironment);
  const int ready = DescriptorFrom("NOPO_READY_FD");
  const int lock = ::open(paths->lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0 || ::flock(lock, LOCK_EX | LOCK_NB) != 0) return 0;
  // A count of daemons that ever served, for tests.
  std::ofstream(paths->lock.string() + ".starts", std::ios::app) << ::getpid() << "\n";
  ::unlink(paths->socket.c_str());

  const char* file = std::getenv("FAKE_NOPOD_SCRIPT");
  Script script = file == nullptr ? Script() : ReadScript(file);
  // A daemon of another version is replaced by one of ours.
  const std::string replaced = paths->lock.string() + ".replaced";
  if (::access(replaced.c_str(), F_OK) == 0) script.version = NOPO_VERSION;
  if (script.version != NOPO_VERSION) std::ofstream(replaced) << "1";

  Ending ending;
  FakeLifecycle lifecycle(script, ending);
  FakeBuild build(script);
  FakeCommands commands(script);
  FakeProject project(script, ending);
  FakeDaemon daemon(ending);
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + paths->socket.string(), grpc::InsecureServerCredentials());
  for (grpc::Service* service :
       std::initializer_list<grpc::Service*>{&lifecycle, &build, &commands, &project, &daemon}) {
    builder.RegisterService(service);
  }
  const auto server = builder.BuildAndStart();
  AnnounceReady(ready, server == nullptr ? "cannot listen" : "\n");
  if (server == nullptr) return 1;
  if (const int parent = DescriptorFrom("NOPO_PARENT_FD"); parent >= 0) {
    EndWithParent(parent, ending);
  }
  ending.Wait();
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  ::unlink(paths->socket.c_str());
  ::_exit(0);
}

}  // namespace
}  // namespace nopo

int main() { return nopo::Serve(); }
