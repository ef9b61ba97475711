// Three calls in the vendor's suites are older than its SDK. They are adapted here, and nothing else is:
//   room.publish(element)          is now room.publish({display})
//   participant.play(element)      is now participant.getStreams()[0].play(element)
//   call.answer(element, element)  is now call.answer({localVideoDisplay, remoteVideoDisplay})
const { connect } = RoomApi;
const { createSession } = RoomApi.sdk;

function takeElementToPublish(room) {
  const { publish } = room;
  room.publish = (display) => publish({ display });
}

function letParticipantPlay(participant) {
  if (participant?.getStreams) participant.play = (display) => participant.getStreams()[0].play(display);
  return participant;
}

function letParticipantsPlay(room) {
  const { on, getParticipants } = room;
  room.on = (event, told) => on(event, (about) => told(letParticipantPlay(about)));
  room.getParticipants = () => getParticipants().map(letParticipantPlay);
}

function takeElementsToAnswer(call) {
  const { answer } = call;
  call.answer = (localVideoDisplay, remoteVideoDisplay) => answer({ localVideoDisplay, remoteVideoDisplay });
}

RoomApi.connect = (options) => {
  const api = connect(options);
  const { join } = api;
  api.join = (room) => {
    const joined = join(room);
    takeElementToPublish(joined);
    letParticipantsPlay(joined);
    return joined;
  };
  return api;
};

RoomApi.sdk.createSession = (options) => {
  const session = createSession(options);
  const { on } = session;
  session.on = (event, told) =>
    on(event, (about, more) => {
      if (event === RoomApi.sdk.constants.SESSION_STATUS.INCOMING_CALL) takeElementsToAnswer(about);
      told(about, more);
    });
  return session;
};
